"""How well two pathologists agree who read the same stains blinded: Cohen's kappa with its interval."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from backend.cohorts.models import Cohort
from backend.pathology.label_rules import LabelRule
from backend.pathology.models import IhcRead


@dataclass(frozen=True, kw_only=True)
class Kappa:
    """Cohen's kappa of ``n`` pairs with its 95 % interval (Fleiss, Cohen & Everitt 1969), or why there is none."""

    title: str
    n: int
    agree: int = 0
    value: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""


def kappa_of(title: str, pairs: Sequence[tuple[Hashable, Hashable]]) -> Kappa:
    """Of pairs of categories. No kappa for fewer than two pairs, nor where all are one category."""
    # Loaded where it is needed: no other page asks for it.
    from statsmodels.stats.inter_rater import cohens_kappa

    agree = sum(first == second for first, second in pairs)
    categories = sorted({value for pair in pairs for value in pair}, key=str)
    if len(pairs) < 2 or len(categories) < 2:
        reason = "Fewer than two pairs." if len(pairs) < 2 else "All reads are of one category."
        return Kappa(title=title, n=len(pairs), agree=agree, reason=reason)
    table = [[sum(pair == (row, column) for pair in pairs) for column in categories] for row in categories]
    found = cohens_kappa(table)
    return Kappa(
        title=title,
        n=len(pairs),
        agree=agree,
        value=float(found.kappa),
        low=max(float(found.kappa_low), -1.0),
        high=min(float(found.kappa_upp), 1.0),
    )


def blinded_pairs(cohort: Cohort) -> list[tuple[IhcRead, IhcRead]]:
    """The first two pathologists' reads of each patient, as they stood before either could see the other's."""
    query = IhcRead.objects.filter(specimen__patient__cohort=cohort, reader__isnull=False)
    by_patient: dict[object, list[IhcRead]] = {}
    for read in query.select_related("specimen", "reader").order_by("created_at"):
        by_patient.setdefault(read.specimen.patient_id, []).append(read)
    return [pair for reads in by_patient.values() if (pair := _first_two(reads))]


def _first_two(reads: list[IhcRead]) -> tuple[IhcRead, IhcRead] | None:
    """``reads`` oldest first. The first reader may have corrected before the second signed; the second read blinded."""
    second = next((read for read in reads if read.reader_id != reads[0].reader_id), None)
    if second is None:
        return None
    first = [read for read in reads if read.reader_id == reads[0].reader_id and read.created_at < second.created_at]
    return first[-1], second


def reader_kappas(pairs: Iterable[tuple[IhcRead, IhcRead]], *, percent_above: float) -> list[Kappa]:
    """By the percentage rule, by the pattern rule, and of the five patterns."""
    pairs = list(pairs)
    rows = []
    for title, rule in (
        (f"Label: more than {percent_above:g} %", LabelRule(percent_above=percent_above)),
        ("Label: by pattern", LabelRule(name="pattern")),
    ):
        calls = [(rule.call(first), rule.call(second)) for first, second in pairs]
        rows.append(kappa_of(title, [pair for pair in calls if None not in pair]))
    patterns = [(first.pattern, second.pattern) for first, second in pairs if first.pattern and second.pattern]
    return [*rows, kappa_of("Pattern, five kinds", patterns)]
