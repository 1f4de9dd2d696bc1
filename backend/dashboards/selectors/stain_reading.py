"""Whose read of a stain is wanted next: how far each is, never how anybody read."""

from collections.abc import Iterable

from django.db.models import Count, Q, QuerySet

from backend.cohorts.models import Patient
from backend.pathology.label_rules import LabelRule
from backend.pathology.selectors import READS_PER_STAIN, ReadState, current_reads, read_state

# Patients with two reads that are looked through for a disagreement, to offer the next one.
_LOOKED_THROUGH = 200


def attach_read_states(patients: Iterable[Patient], rule: LabelRule) -> None:
    """Sets ``read_state`` on the rows of one page, in one query."""
    rows = list(patients)
    reads = current_reads([row.pk for row in rows])
    for row in rows:
        row.read_state = read_state(rule, reads.get(row.pk, []))


def next_to_read(patients: QuerySet[Patient], rule: LabelRule) -> Patient | None:
    """The next patient for a pathologist: first and second reads before third ones."""
    reads = Q(specimens__ihc_reads__reader__isnull=False, specimens__ihc_reads__superseded_by__isnull=True)
    mine = patients.filter(read_by_me=False).annotate(signed=Count("specimens__ihc_reads", filter=reads, distinct=True))
    wanted = mine.filter(signed__lt=READS_PER_STAIN).first()
    if wanted is not None:
        return wanted
    paired = list(mine.filter(signed=READS_PER_STAIN)[:_LOOKED_THROUGH])
    found = current_reads([row.pk for row in paired])
    states = ((row, read_state(rule, found.get(row.pk, []))) for row in paired)
    return next((row for row, state in states if state == ReadState.DISCORDANT), None)
