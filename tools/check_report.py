"""What the tests counted, read from pytest's JUnit XML, and the summary that closes ``make test``."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from tools.check_parts import Part


@dataclass
class Counts:
    """Tests by outcome, and the reasons of those that were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Outcome:
    """What came of a part."""

    part: Part
    status: int
    seconds: float
    counts: Counts


def read_counts(report: Path) -> Counts:
    """Counts of one report; nothing where pytest ended before it could write one."""
    counts = Counts()
    if not report.exists():
        return counts
    for case in ElementTree.parse(report).iter("testcase"):
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            counts.failed += 1
        elif skipped is not None:
            counts.skipped[skipped.get("message", "no reason given")] += 1
        else:
            counts.passed += 1
    return counts


def summary_lines(outcomes: Sequence[Outcome], *, wall_s: float) -> list[str]:
    """One line a part, the reasons of skipped tests, and last the plain line that machines read."""
    lines = ["", "== summary"]
    for outcome in outcomes:
        word = "ok" if outcome.status == 0 else "FAILED"
        lines.append(f"{outcome.part.name:<12} {word:<7} {outcome.seconds:7.1f} s{_counted(outcome.counts)}")
    reasons = Counter[str]()
    for outcome in outcomes:
        reasons.update(outcome.counts.skipped)
    lines += [f"SKIPPED {number}: {reason}" for reason, number in reasons.most_common()]
    lines.append(f"total {wall_s:.0f} s, parts {sum(outcome.seconds for outcome in outcomes):.0f} s")
    return [*lines, closing_line(outcomes)]


def closing_line(outcomes: Sequence[Outcome]) -> str:
    """``123 passed, 0 failed, 4 skipped``; a part that failed without a failed test counts as one failure."""
    passed = sum(outcome.counts.passed for outcome in outcomes)
    skipped = sum(outcome.counts.skipped.total() for outcome in outcomes)
    failed = sum(max(outcome.counts.failed, int(outcome.status != 0)) for outcome in outcomes)
    return f"{passed} passed, {failed} failed, {skipped} skipped"


def print_summary(outcomes: Sequence[Outcome], *, wall_s: float) -> None:
    print("\n".join(summary_lines(outcomes, wall_s=wall_s)), flush=True)


def _counted(counts: Counts) -> str:
    total = counts.passed + counts.failed + counts.skipped.total()
    if total == 0:
        return ""
    return f"   {counts.passed} passed, {counts.failed} failed, {counts.skipped.total()} skipped"
