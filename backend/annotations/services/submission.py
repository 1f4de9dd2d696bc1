"""Handing in a reading: it is locked and measured, and once every reader has done so the consensus is built."""

import uuid

from django.db import transaction

from backend.accounts.models import User
from backend.annotations.models import Assignment, Mask, Outcome, Reading, Target
from backend.annotations.selectors import current_consensus, proposal_behind
from backend.annotations.services.consensus import enqueue_consensus
from backend.annotations.services.drawing import lock_open_assignment, revision_of
from backend.annotations.services.lesions import empty_lesions
from backend.annotations.services.masks import read_labelmap
from backend.annotations.services.measurements import record_measurement
from backend.annotations.services.proposals import record_proposal_use
from backend.audit.services import record_audit
from backend.cohorts.services import current_rules
from backend.core.errors import Conflict, InvalidInput
from backend.imaging.models import Case
from backend.jobs.models import JobKind
from backend.jobs.services import enqueue_job

REASON_LIMIT = 500


def submit_reading(
    *,
    assignment: Assignment,
    actor: User | None,
    revision_id: uuid.UUID | None,
    outcome: str,
    reason: str = "",
    measured: dict | None = None,
) -> Reading:
    """Makes the reading of an assignment; a worker that has measured it already hands ``measured`` in with it.

    Raises InvalidInput, and Conflict where it was handed in before.
    """
    if outcome not in Outcome.values:
        raise InvalidInput(f"The outcome must be one of: {', '.join(Outcome.values)}.")
    if len(reason) > REASON_LIMIT:
        raise InvalidInput(f"The reason may have at most {REASON_LIMIT} characters.")
    with transaction.atomic():
        # One reader of a case at a time: two who hand in last together would each not see the other's reading.
        Case.objects.select_for_update().get(pk=assignment.case_id)
        lock_open_assignment(assignment)
        revision = revision_of(assignment, revision_id)
        check_outcome(outcome, revision, reason, assignment.target)
        mask = _handed_in(revision) if outcome == Outcome.LESIONS else None
        reading = Reading.objects.create(
            case=assignment.case,
            target=assignment.target,
            assignment=assignment,
            reader=assignment.reader,
            mask=mask,
            mask_sha256=mask.sha256 if mask else "",
            outcome=outcome,
            reason=reason.strip(),
        )
        record_proposal_use(reading, revision)
        record_audit(
            action="reading.submit",
            subject=reading,
            actor=actor,
            cohort_uuid=assignment.case.patient.cohort_id,
            after={"case": str(assignment.case_id), "outcome": outcome, "mask": reading.mask_sha256},
            reason=reason,
        )
        if measured:
            record_measurement(reading, **measured)
        elif reading.mask:
            _enqueue_measurement(reading, actor)
        if reading.target == Target.BAT or (readings_complete(reading.case) and not _is_settled(reading.case)):
            enqueue_consensus(reading.case, target=reading.target, actor=actor)
    return reading


def check_outcome(outcome: str, revision: Mask | None, reason: str, target: str) -> None:
    """Raises InvalidInput where what is drawn and what is said do not fit."""
    if outcome == Outcome.LESIONS:
        _check_drawn(revision)
    elif outcome == Outcome.NO_AVID_TUMOUR and revision and revision.voxel_count:
        what = "brown fat" if target == Target.BAT else "tumour"
        raise InvalidInput(f"Voxels are drawn, so there is {what} to hand in: delete the lesions, or submit them.")
    elif outcome == Outcome.NOT_EVALUABLE and not reason.strip():
        raise InvalidInput("Say why the case is not evaluable.")


def _check_drawn(revision: Mask | None) -> None:
    if revision is None or not revision.voxel_count:
        raise InvalidInput("Nothing is drawn: draw a lesion, or choose another outcome.")
    if revision.is_drawn_on:
        raise Conflict("This revision was drawn on in another window: load the case again and submit what you see.")
    empty = empty_lesions(read_labelmap(revision), revision.lesions)
    if empty:
        raise InvalidInput(f"“{empty[0]}” holds no voxel: draw it or delete it.")


def _handed_in(revision: Mask) -> Mask:
    """A proposal that was accepted as it is stays on the finer grid that the rule made it on."""
    proposal = proposal_behind(revision)
    if proposal and proposal.provenance.get("on_pet_grid", {}).get("sha256") == revision.sha256:
        return proposal
    return revision


def _is_settled(case: Case) -> bool:
    """A late reading does not undo what an adjudicator signed."""
    standing = current_consensus(case, Target.TUMOUR)
    return bool(standing and standing.is_signed)


def _enqueue_measurement(reading: Reading, actor: User | None) -> None:
    enqueue_job(
        kind=JobKind.MEASURE_READING,
        subject=reading,
        subject_title=reading.case.patient.pseudonym,
        cohort_uuid=reading.case.patient.cohort_id,
        created_by=actor,
    )


def readings_complete(case: Case) -> bool:
    """Whether as many readers as the protocol asks for have read the tumour, and nobody who was assigned is left."""
    assigned = Assignment.objects.filter(case=case, target=Target.TUMOUR)
    submitted = assigned.handed_in().count()
    return submitted == assigned.count() and submitted >= current_rules(case.patient.cohort).readers_per_case
