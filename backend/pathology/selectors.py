"""The TP53 label of a patient, from the p53 reads and the protocol's rule, and whose read is wanted next."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from uuid import UUID

from backend.cohorts.models import Patient
from backend.cohorts.protocol import ProtocolRules
from backend.pathology.label_rules import LabelRule, Tp53Label, disagree, label_by
from backend.pathology.models import IhcRead, SequencingResult

READS_PER_STAIN = 2


class ReadState(StrEnum):
    """How far the reading of a stain is."""

    UNREAD = "unread"
    FIRST = "first"
    DISCORDANT = "discordant"
    SETTLED = "settled"


def rule_of(rules: ProtocolRules) -> LabelRule:
    """The protocol's label rule."""
    return LabelRule(name=rules.label_rule, percent_above=rules.label_percent_stained_above)


def current_reads(patients: Iterable[Patient | UUID]) -> dict[UUID, list[IhcRead]]:
    """Every read that nothing supersedes, newest last, by patient."""
    reads: dict[UUID, list[IhcRead]] = {}
    query = IhcRead.objects.filter(specimen__patient__in=patients, superseded_by__isnull=True)
    for read in query.select_related("specimen", "reader", "proposal").order_by("created_at"):
        reads.setdefault(read.specimen.patient_id, []).append(read)
    return reads


def tp53_labels(patients: Iterable[Patient], *, rule: LabelRule) -> dict[UUID, Tp53Label]:
    """The label of every patient whose reads settle it; two that disagree make none until a third has read."""
    labels = {patient_id: label_by(rule, reads) for patient_id, reads in current_reads(patients).items()}
    return {patient_id: label for patient_id, label in labels.items() if label is not None}


def patients_with_reads(patients: Iterable[Patient | UUID]) -> set[UUID]:
    """Whose stain somebody has read, or whose report was imported."""
    return set(IhcRead.objects.filter(specimen__patient__in=patients).values_list("specimen__patient_id", flat=True))


def read_state(rule: LabelRule, reads: Sequence[IhcRead]) -> ReadState:
    """Of one stain's current reads; an imported report is no read of a pathologist."""
    signed = [read for read in reads if read.reader_id is not None]
    if len(signed) < READS_PER_STAIN:
        return ReadState.FIRST if signed else ReadState.UNREAD
    if len(signed) == READS_PER_STAIN and disagree(rule, signed):
        return ReadState.DISCORDANT
    return ReadState.SETTLED


def current_sequencing(patients: Iterable[Patient | UUID]) -> dict[UUID, SequencingResult]:
    """The sequencing result that nothing supersedes, by patient."""
    rows = SequencingResult.objects.filter(patient__in=patients, superseded_by__isnull=True)
    return {row.patient_id: row for row in rows.select_related("recorded_by").order_by("created_at")}
