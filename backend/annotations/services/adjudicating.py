"""Adjudication: a person takes a case up, draws over what the readers drew, signs with a reason, or reopens."""

import uuid

from django.db import transaction

from backend.accounts.models import User
from backend.annotations.adjudication import newest_automatic
from backend.annotations.blinding import require_readings_visible
from backend.annotations.models import (
    Assignment,
    Consensus,
    ConsensusMeasurement,
    ConsensusReopening,
    Mask,
    MaskSource,
    Outcome,
    Purpose,
    Target,
)
from backend.annotations.selectors import current_consensus, current_readings
from backend.annotations.services.consensus import differs, require_unsigned
from backend.annotations.services.drawing import lock_open_assignment, revision_of
from backend.annotations.services.masks import LabelmapFile, record_mask
from backend.annotations.services.submission import REASON_LIMIT, check_outcome
from backend.audit.services import record_audit
from backend.cohorts.models import Role
from backend.cohorts.services import current_protocol
from backend.core.errors import Conflict, InvalidInput
from backend.imaging.models import Case
from backend.jobs.models import Job, JobKind
from backend.jobs.services import enqueue_job


def open_adjudication(*, case: Case, actor: User, roles: frozenset[str]) -> Assignment:
    """The person's adjudication of the case, begun now or before. Raises Forbidden for who has yet to read the case.

    Raises Conflict without a reading, or while a signed consensus stands.
    """
    require_readings_visible(actor, case, roles)
    if not current_readings(case, Target.TUMOUR):
        raise Conflict("There is no reading of this case yet, so there is nothing to adjudicate.")
    require_unsigned(case)
    values = {"case": case, "reader": actor, "target": Target.TUMOUR, "purpose": Purpose.ADJUDICATION}
    with transaction.atomic():
        assignment, is_new = Assignment.every_purpose.get_or_create(**values, defaults={"assigned_by": actor})
        if is_new:
            record_audit(
                action="adjudication.open",
                subject=assignment,
                actor=actor,
                cohort_uuid=case.patient.cohort_id,
                after={"case": str(case.pk)},
            )
    return assignment


def sign_consensus(
    *, assignment: Assignment, actor: User, revision_id: uuid.UUID | None, outcome: str, reason: str = ""
) -> Consensus:
    """Freezes what the adjudicator drew, or an outcome without a mask, as the signed consensus of the case.

    It names the readings that it stands on. Raises InvalidInput where it differs from the automatic proposal and no
    reason is given, Forbidden for who has yet to read the case, Conflict where it is signed already.
    """
    case = assignment.case
    if outcome not in Outcome.values or len(reason) > REASON_LIMIT:
        raise InvalidInput(
            f"Give one of {', '.join(Outcome.values)}, and a reason of at most {REASON_LIMIT} characters."
        )
    with transaction.atomic():
        # As in handing in and unlocking: no reading comes or goes while the case is signed.
        Case.objects.select_for_update().get(pk=case.pk)
        require_readings_visible(actor, case, frozenset({Role.ADJUDICATOR}))
        lock_open_assignment(assignment)
        revision = revision_of(assignment, revision_id)
        check_outcome(outcome, revision, reason, assignment.target)
        automatic = newest_automatic(case)
        drawn = revision if outcome == Outcome.LESIONS else None
        differing = differs(automatic, outcome, drawn)
        if differing and not reason.strip():
            raise InvalidInput("This differs from the automatic consensus: write the reason, which is kept with it.")
        consensus = Consensus.objects.create(
            protocol_number=current_protocol(case.patient.cohort).number,
            case=case,
            target=assignment.target,
            method="signed",
            outcome=outcome,
            mask=_frozen(drawn, actor) if drawn else None,
            reading_ids=[reading.pk for reading in current_readings(case, assignment.target)],
            agreement=automatic.agreement if automatic else {},
            is_signed=True,
            signed_by=actor,
            reason=reason.strip(),
            assignment=assignment,
            automatic=automatic,
            differs_from_automatic=differing,
        )
        _audit_signature(consensus, actor)
        if consensus.mask:
            enqueue_measurement(consensus, actor)
    return consensus


def _frozen(revision: Mask, actor: User) -> Mask:
    """The revision as a mask of its own that nobody draws on: the same voxels under the same hash."""
    return record_mask(
        case=revision.case,
        target=revision.target,
        source=MaskSource.CONSENSUS,
        file=LabelmapFile.of(revision),
        lesions=revision.lesions,
        author=actor,
        proposal=revision.proposal,
        provenance={"method": "signed", "revision": str(revision.pk)},
    )


def _audit_signature(consensus: Consensus, actor: User) -> None:
    record_audit(
        action="consensus.sign",
        subject=consensus,
        actor=actor,
        cohort_uuid=consensus.case.patient.cohort_id,
        after={
            "case": str(consensus.case_id),
            "outcome": consensus.outcome,
            "sha256": consensus.mask.sha256 if consensus.mask else "",
            "readings": [str(pk) for pk in consensus.reading_ids],
            "differs": consensus.differs_from_automatic,
        },
        reason=consensus.reason,
    )


def enqueue_measurement(consensus: Consensus, actor: User | None) -> Job:
    """Queues the uptake of a signed mask."""
    return enqueue_job(
        kind=JobKind.MEASURE_CONSENSUS,
        subject=consensus,
        subject_title=consensus.case.patient.pseudonym,
        cohort_uuid=consensus.case.patient.cohort_id,
        created_by=actor,
    )


def record_consensus_measurement(consensus: Consensus, *, whole: dict, problem: str = "") -> ConsensusMeasurement:
    """Writes the uptake of a signed mask, once. Must run inside ``completing``."""
    values = {"whole": whole, "problem": problem}
    measurement, _ = ConsensusMeasurement.objects.update_or_create(consensus=consensus, defaults=values)
    record_audit(
        action="consensus.measure",
        subject=consensus,
        cohort_uuid=consensus.case.patient.cohort_id,
        after={"problem": problem},
    )
    return measurement


def reopen_consensus(*, case: Case, actor: User, reason: str) -> ConsensusReopening:
    """Takes the signature back by a row of its own; what stood on it counts as stale from now on.

    The automatic consensus before it stands again, unsigned, until somebody signs anew. Raises InvalidInput without a
    reason, Conflict where nothing is signed.
    """
    if not reason.strip() or len(reason) > REASON_LIMIT:
        raise InvalidInput(f"Say why the consensus is reopened, in at most {REASON_LIMIT} characters.")
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        consensus = current_consensus(case, Target.TUMOUR)
        if consensus is None or not consensus.is_signed:
            raise Conflict("There is no signed consensus of this case to reopen.")
        reopening = ConsensusReopening.objects.create(consensus=consensus, reopened_by=actor, reason=reason.strip())
        record_audit(
            action="consensus.reopen",
            subject=consensus,
            actor=actor,
            cohort_uuid=case.patient.cohort_id,
            before={"outcome": consensus.outcome, "sha256": consensus.mask.sha256 if consensus.mask else ""},
            reason=reason.strip(),
        )
    return reopening
