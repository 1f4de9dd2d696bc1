"""The rules that make a TP53 label of p53 reads: by percentage as the paper, or by pattern as pathology."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.pathology.models import IhcRead

# Patterns that stand for a mutation (Köbel et al. 2019); the percentage rule of the paper does not look at them.
ABNORMAL_PATTERNS = ("overexpression", "null", "cytoplasmic", "subclonal")


class RuleName(StrEnum):
    """Which rule; the protocol's version is the rule's version."""

    PERCENT = "percent"
    PATTERN = "pattern"


@dataclass(frozen=True, kw_only=True)
class LabelRule:
    """A rule with its threshold; ``call`` says of one read whether it means mutated, or None where it cannot say."""

    name: str = RuleName.PERCENT
    percent_above: float = 5.0

    def call(self, read: "IhcRead") -> bool | None:
        if self.name == RuleName.PATTERN:
            return read.pattern in ABNORMAL_PATTERNS if read.pattern else None
        return read.percent_stained > self.percent_above

    @property
    def words(self) -> str:
        if self.name == RuleName.PATTERN:
            return "pattern: overexpression, null, cytoplasmic and subclonal are mutated"
        return f"more than {self.percent_above:g} % of the nuclei stained is mutated"

    def other(self) -> "LabelRule":
        """The rule that this one is compared with."""
        name = RuleName.PERCENT if self.name == RuleName.PATTERN else RuleName.PATTERN
        return LabelRule(name=name, percent_above=self.percent_above)

    def to_json(self) -> dict:
        """As a frozen dataset keeps it."""
        return {"rule": str(self.name), "percent_stained_above": self.percent_above}


@dataclass(frozen=True, kw_only=True)
class Tp53Label:
    """What the rule says (``mutated``), what the pattern says, and whether the two or the readers disagree.

    ``is_provisional``: one pathologist has read, the second has not; ``by_third``: two disagreed and a third decided.
    """

    mutated: bool
    percent_stained: float
    pattern: str
    pattern_abnormal: bool | None
    readers_disagree: bool
    read_count: int
    is_provisional: bool = False
    by_third: bool = False

    @property
    def is_discordant(self) -> bool:
        return self.readers_disagree or (self.pattern_abnormal is not None and self.pattern_abnormal != self.mutated)


def counted(reads: Sequence["IhcRead"]) -> list["IhcRead"]:
    """The reads that make the label: those that pathologists signed here; without any, the imported report."""
    signed = [read for read in reads if read.reader_id is not None]
    return signed or list(reads)[-1:]


def label_by(rule: LabelRule, reads: Sequence["IhcRead"]) -> Tp53Label | None:
    """The majority of the counted reads' calls. None where none can say, or two disagree and no third has decided."""
    reads = counted(reads)
    calls = [(read, call) for read in reads if (call := rule.call(read)) is not None]
    yes = sum(call for _, call in calls)
    if not calls or 2 * yes == len(calls):
        return None
    patterns = [read.pattern for read in reads if read.pattern]
    abnormal = _majority(pattern in ABNORMAL_PATTERNS for pattern in patterns)
    return Tp53Label(
        mutated=2 * yes > len(calls),
        percent_stained=median(read.percent_stained for read in reads),
        pattern=patterns[-1] if patterns else "",
        pattern_abnormal=abnormal,
        readers_disagree=0 < yes < len(calls),
        read_count=len(reads),
        is_provisional=len(reads) == 1 and reads[0].reader_id is not None,
        by_third=len(reads) > 2,
    )


def _majority(calls: Iterable[bool]) -> bool | None:
    calls = list(calls)
    yes = sum(calls)
    return None if not calls or 2 * yes == len(calls) else 2 * yes > len(calls)


def disagree(rule: LabelRule, reads: Sequence["IhcRead"]) -> bool:
    """Whether two signed reads mean different things, by the rule or by what their patterns stand for."""
    reads = [read for read in reads if read.reader_id is not None]
    by_rule = {call for read in reads if (call := rule.call(read)) is not None}
    by_pattern = {read.pattern in ABNORMAL_PATTERNS for read in reads if read.pattern}
    return len(by_rule) > 1 or len(by_pattern) > 1
