"""The TP53 label of a patient, from the p53 reads and the protocol's rule."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from uuid import UUID

from backend.cohorts.models import Patient
from backend.pathology.models import IhcRead, P53Pattern

# Patterns that stand for a mutation (Köbel et al. 2019); the percentage rule of the paper does not look at them.
ABNORMAL_PATTERNS = (P53Pattern.OVEREXPRESSION, P53Pattern.NULL, P53Pattern.CYTOPLASMIC, P53Pattern.SUBCLONAL)


@dataclass(frozen=True, kw_only=True)
class Tp53Label:
    """What the rule says (``mutated``), what the pattern says, and whether the two or the readers disagree."""

    mutated: bool
    percent_stained: float
    pattern: str
    pattern_abnormal: bool | None
    readers_disagree: bool
    read_count: int

    @property
    def is_discordant(self) -> bool:
        return self.readers_disagree or (self.pattern_abnormal is not None and self.pattern_abnormal != self.mutated)


def current_reads(patients: Iterable[Patient | UUID]) -> dict[UUID, list[IhcRead]]:
    """Every read that nothing supersedes, newest last, by patient."""
    reads: dict[UUID, list[IhcRead]] = {}
    query = IhcRead.objects.filter(specimen__patient__in=patients, superseded_by__isnull=True)
    for read in query.select_related("specimen", "reader").order_by("created_at"):
        reads.setdefault(read.specimen.patient_id, []).append(read)
    return reads


def tp53_labels(patients: Iterable[Patient], *, percent_above: float) -> dict[UUID, Tp53Label]:
    """The label of every patient with a read: mutated where the median share of stained nuclei is strictly above."""
    return {patient_id: _label(reads, percent_above) for patient_id, reads in current_reads(patients).items()}


def _label(reads: list[IhcRead], percent_above: float) -> Tp53Label:
    percent = median(read.percent_stained for read in reads)
    patterns = [read.pattern for read in reads if read.pattern]
    calls = {read.percent_stained > percent_above for read in reads}
    return Tp53Label(
        mutated=percent > percent_above,
        percent_stained=percent,
        pattern=patterns[-1] if patterns else "",
        pattern_abnormal=patterns[-1] in ABNORMAL_PATTERNS if patterns else None,
        readers_disagree=len(calls) > 1,
        read_count=len(reads),
    )
