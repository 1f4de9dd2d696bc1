"""What disagrees about a patient's p53, in words: nothing is resolved silently."""

from backend.pathology.models import IhcRead, P53Pattern
from backend.pathology.selectors import Tp53Label

_WHY = {
    P53Pattern.WILD_TYPE: "wild-type tumours stain about 1–80 % of their nuclei, so the percentage alone calls many of "
    "them mutated",
    P53Pattern.NULL: "a null pattern stands for a mutation although nothing stains",
}


def discordance_sentences(label: Tp53Label | None, reads: list[IhcRead], *, percent_above: float) -> list[str]:
    """One sentence for each disagreement between rule and pattern, or between readers; empty where all agree."""
    if label is None:
        return []
    sentences = []
    if label.pattern_abnormal is not None and label.pattern_abnormal != label.mutated:
        sentences.append(_rule_against_pattern(label, percent_above))
    if label.readers_disagree:
        shares = " and ".join(f"{read.percent_stained:g} %" for read in reads)
        sentences.append(f"The reads lie on both sides of {percent_above:g} %: {shares}.")
    patterns = sorted({read.get_pattern_display() for read in reads if read.pattern})
    if len(patterns) > 1:
        sentences.append(f"The reads see different patterns: {'; '.join(patterns)}.")
    failed = [read for read in reads if read.internal_control_present is False]
    if failed:
        sentences.append(f"{len(failed)} of {len(reads)} reads found no internal control: the stain may have failed.")
    return sentences


def _rule_against_pattern(label: Tp53Label, percent_above: float) -> str:
    state = "mutated" if label.mutated else "wild-type"
    pattern = P53Pattern(label.pattern)
    why = f", because {_WHY[pattern]}" if pattern in _WHY else ""
    return (
        f"The rule (more than {percent_above:g} % stained) says {state}, the pattern “{pattern.label}” says "
        f"{'mutated' if label.pattern_abnormal else 'wild-type'}{why}."
    )
