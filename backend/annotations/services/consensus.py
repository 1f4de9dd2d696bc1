"""What the team settled on, recorded from readings; the newest consensus is what features are made from."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from backend.accounts.models import User
from backend.annotations.models import Consensus, Mask, MaskSource, Outcome, Reading, ReadingMeasurement, Target
from backend.annotations.selectors import current_consensus, current_readings
from backend.annotations.services.masks import LabelmapFile, read_labelmap, record_mask
from backend.audit.services import record_audit
from backend.cohorts.models import Cohort
from backend.cohorts.services import current_protocol
from backend.core.errors import Conflict, InvalidInput
from backend.imaging.models import Case
from backend.jobs.models import Job, JobKind
from backend.jobs.services import enqueue_job


def enqueue_consensus(case: Case, *, target: str, actor: User | None) -> Job:
    """Queues the consensus of the readings that are there now."""
    readings = current_readings(case, target)
    if not readings:
        raise Conflict("There is no reading of this case yet: a reader hands one in, or a region is chosen, first.")
    if target == Target.TUMOUR:
        require_unsigned(case)
    return enqueue_job(
        kind=JobKind.BUILD_CONSENSUS,
        subject=case,
        subject_title=case.patient.pseudonym,
        cohort_uuid=case.patient.cohort_id,
        parameters={"target": str(target), "readings": sorted(str(reading.pk) for reading in readings)},
        created_by=actor,
    )


def enqueue_missing_consensuses(cohort: Cohort, *, actor: User | None, left_out: Collection[UUID] = ()) -> int:
    """Starts the consensus of every case with readings that its newest consensus does not stand on; returns how many.

    Cases in ``left_out``, and those that are being worked on, are passed over, and so is what an adjudicator settled.
    """
    read = Reading.objects.standing().filter(case=OuterRef("pk"), target=Target.TUMOUR)
    cases = Case.objects.filter(Exists(read), patient__cohort=cohort)
    started = 0
    for case in cases.exclude(pk__in=left_out).select_related("patient"):
        settled = current_consensus(case, Target.TUMOUR)
        newest = {reading.pk for reading in current_readings(case, Target.TUMOUR)}
        if settled and (settled.is_signed or set(settled.reading_ids) == newest):
            continue
        try:
            enqueue_consensus(case, target=Target.TUMOUR, actor=actor)
        except Conflict:
            continue
        started += 1
    return started


def prevailing_outcome(readings: Iterable[Reading]) -> str:
    """The outcome that more than half of the readers gave; where none prevails, something was drawn by somebody."""
    outcomes = [reading.outcome for reading in readings]
    for outcome in Outcome.values:
        if 2 * outcomes.count(outcome) > len(outcomes):
            return outcome
    return Outcome.LESIONS


@transaction.atomic
def record_consensus(
    case: Case,
    *,
    target: str,
    method: str,
    outcome: str,
    readings: list[Reading],
    file: LabelmapFile | None,
    tie_voxels: int = 0,
    agreement: dict | list[dict] | None = None,
    statistics: dict | None = None,
    mask: Mask | None = None,
    proposals: dict[str, Mask] | None = None,
) -> Consensus:
    """Writes a new automatic consensus; the ones before stay as they were. Raises Conflict once one is signed.

    ``proposals`` are masks by field: ``majority``, ``staple``, ``disagreement``. ``agreement`` is of the pairs, or a
    whole record with ``pairs``.
    """
    if target == Target.TUMOUR:
        Case.objects.select_for_update().get(pk=case.pk)
        require_unsigned(case)
    if mask is None and file is not None:
        mask = record_proposed_mask(case, method, file, readings, target=target)
    consensus = Consensus.objects.create(
        protocol_number=current_protocol(case.patient.cohort).number,
        case=case,
        target=target,
        method=method,
        outcome=outcome,
        mask=mask,
        reading_ids=[reading.pk for reading in readings],
        tie_voxels=tie_voxels,
        agreement=agreement if isinstance(agreement, dict) else {"pairs": agreement or []},
        statistics=statistics or {},
        **(proposals or {}),
    )
    record_audit(
        action="consensus.record",
        subject=consensus,
        cohort_uuid=case.patient.cohort_id,
        after={"case": str(case.pk), "method": method, "outcome": outcome, "sha256": mask.sha256 if mask else ""},
    )
    return consensus


def record_proposed_mask(
    case: Case, method: str, file: LabelmapFile, readings: list[Reading], *, target: str = Target.TUMOUR
) -> Mask:
    """A mask made from readings: by majority or STAPLE, or the votes where they differ."""
    votes = method == MaskSource.DISAGREEMENT
    return record_mask(
        case=case,
        target=target,
        source=MaskSource.DISAGREEMENT if votes else MaskSource.CONSENSUS,
        file=file,
        lesions=[] if votes else _lesions_of(readings),
        provenance={"readings": [str(reading.pk) for reading in readings], "method": method},
    )


def require_unsigned(case: Case) -> None:
    """Raises Conflict where a signed consensus on the tumour stands: only reopening it, with a reason, makes way."""
    standing = current_consensus(case, Target.TUMOUR)
    if standing and standing.is_signed:
        raise Conflict(f"The consensus of {case.patient.pseudonym} is signed: reopen it, with a reason, first.")


def record_bat_settlement(case: Case, *, reading: Reading | None, rule: Mask | None, actor: User | None) -> Consensus:
    """Brown fat as a reader signed it; without a signature, the rule's output marked as unsigned."""
    if reading is not None:
        mask, method, outcome, signed = reading.mask, "signed", reading.outcome, True
    elif rule is not None:
        mask, method, outcome, signed = rule, "rule", Outcome.LESIONS, False
    else:
        raise Conflict("There is no brown-fat mask of this case yet: start the job Propose brown fat first.")
    consensus = Consensus.objects.create(
        protocol_number=current_protocol(case.patient.cohort).number,
        case=case,
        target=Target.BAT,
        method=method,
        outcome=outcome,
        mask=mask,
        reading_ids=[reading.pk] if reading else [],
        is_signed=signed,
        signed_by=reading.reader if reading else None,
        statistics={"volume_ml": mask.volume_ml if mask else 0.0},
    )
    record_audit(
        action="consensus.record",
        subject=consensus,
        actor=actor,
        cohort_uuid=case.patient.cohort_id,
        after={"case": str(case.pk), "target": "bat", "method": method},
    )
    return consensus


def settle_by_hand(
    *, case: Case, outcome: str, reading: Reading | None, reason: str, actor: User, target: str = Target.TUMOUR
) -> Consensus:
    """An adjudicator's word over the readers': one reading's mask, or that there is nothing to draw.

    Raises InvalidInput without a reason, or where outcome and reading do not fit.
    """
    if not reason.strip():
        raise InvalidInput("Say why the consensus is settled by hand: the reason is kept with it.")
    if outcome not in Outcome.values or (outcome == Outcome.LESIONS) != bool(reading and reading.mask):
        raise InvalidInput("Choose the reading whose mask is to count, or an outcome without a mask.")
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        if target == Target.TUMOUR:
            require_unsigned(case)
        automatic = current_consensus(case, target)
        mask = reading.mask if reading else None
        consensus = Consensus.objects.create(
            protocol_number=current_protocol(case.patient.cohort).number,
            case=case,
            target=target,
            method="signed",
            outcome=outcome,
            mask=mask,
            automatic=automatic,
            agreement=automatic.agreement if automatic else {},
            differs_from_automatic=differs(automatic, outcome, mask),
            reading_ids=[one.pk for one in current_readings(case, target)],
            is_signed=True,
            signed_by=actor,
            reason=reason.strip(),
            statistics=_measured(reading),
        )
        record_audit(
            action="consensus.settle",
            subject=consensus,
            actor=actor,
            cohort_uuid=case.patient.cohort_id,
            after={"case": str(case.pk), "outcome": outcome, "reading": str(reading.pk) if reading else ""},
            reason=reason,
        )
    return consensus


def differs(automatic: Consensus | None, outcome: str, mask: Mask | None) -> bool:
    """Whether an outcome or a drawn region is another than the automatic consensus; lesion numbers do not matter."""
    if automatic is None or automatic.outcome != outcome or (automatic.mask is None) != (mask is None):
        return True
    if mask is None or mask.sha256 == automatic.mask.sha256:
        return False
    return mask.grid != automatic.mask.grid or _foreground(mask) != _foreground(automatic.mask)


_TO_FOREGROUND = bytes([0, *([1] * 255)])


def _foreground(mask: Mask) -> bytes:
    return read_labelmap(mask).translate(_TO_FOREGROUND)


def _measured(reading: Reading | None) -> dict:
    measurement = ReadingMeasurement.objects.filter(reading=reading).first() if reading else None
    return measurement.whole if measurement else {}


def _lesions_of(readings: list[Reading]) -> list[dict]:
    """The consensus is one region; its names are those of the first reading that drew something."""
    for reading in readings:
        if reading.mask and reading.mask.lesions:
            return [{**reading.mask.lesions[0], "label": 1}]
    return [{"label": 1, "name": "Tumour", "role": "primary", "site": ""}]
