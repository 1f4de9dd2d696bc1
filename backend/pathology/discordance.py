"""What disagrees about a patient's p53, in words: nothing is resolved silently."""

from backend.pathology.label_rules import LabelRule, Tp53Label, disagree, label_by
from backend.pathology.models import IhcRead, P53Pattern

_WHY = {
    P53Pattern.WILD_TYPE: "wild-type tumours stain about 1–80 % of their nuclei, so the percentage alone calls many of "
    "them mutated",
    P53Pattern.NULL: "a null pattern stands for a mutation although nothing stains",
}


def discordance_sentences(reads: list[IhcRead], *, rule: LabelRule) -> list[str]:
    """One sentence for each disagreement between percentage and pattern, or between reads; empty where all agree."""
    sentences = _unsettled(reads, rule)
    by_percent = label_by(LabelRule(percent_above=rule.percent_above), reads)
    if by_percent and by_percent.pattern_abnormal is not None and by_percent.pattern_abnormal != by_percent.mutated:
        sentences.append(_percent_against_pattern(by_percent, rule.percent_above))
    if len({read.percent_stained > rule.percent_above for read in reads}) > 1:
        shares = " and ".join(f"{read.percent_stained:g} %" for read in reads)
        sentences.append(f"The reads lie on both sides of {rule.percent_above:g} %: {shares}.")
    patterns = sorted({read.get_pattern_display() for read in reads if read.pattern})
    if len(patterns) > 1:
        sentences.append(f"The reads see different patterns: {'; '.join(patterns)}.")
    failed = [read for read in reads if read.internal_control_present is False]
    if failed:
        sentences.append(f"{len(failed)} of {len(reads)} reads found no internal control: the stain may have failed.")
    return sentences


def _unsettled(reads: list[IhcRead], rule: LabelRule) -> list[str]:
    signed = [read for read in reads if read.reader_id is not None]
    if len(signed) == 2 and disagree(rule, signed):
        settled = "" if label_by(rule, reads) is None else " The rule's label stands until then."
        return [f"The two pathologists disagree: a third reads the stain, and the majority counts.{settled}"]
    if len(signed) > 2 and disagree(rule, signed):
        return ["Two pathologists disagreed; with the third read the majority counts."]
    return []


def _percent_against_pattern(label: Tp53Label, percent_above: float) -> str:
    state = "mutated" if label.mutated else "wild-type"
    pattern = P53Pattern(label.pattern)
    why = f", because {_WHY[pattern]}" if pattern in _WHY else ""
    return (
        f"The percentage rule (more than {percent_above:g} % stained) says {state}, the pattern “{pattern.label}” says "
        f"{'mutated' if label.pattern_abnormal else 'wild-type'}{why}."
    )
