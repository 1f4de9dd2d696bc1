"""Consensus: the readings of a case → one mask by strict majority (or STAPLE), and how well the readers agreed."""

from dataclasses import asdict

from backend.annotations.models import Outcome, Reading
from backend.annotations.selectors import bat_rule_mask
from backend.annotations.services.consensus import prevailing_outcome, record_bat_settlement, record_consensus
from backend.annotations.services.masks import LabelmapFile, store_labelmap
from backend.cohorts.services import current_rules
from backend.imaging.models import Case
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from worker.casework import CaseVolumes, fetch_case, mask_on
from worker.compute.agreement import agreement
from worker.compute.consensus import ConsensusResult, majority, staple
from worker.compute.errors import EmptyMask
from worker.compute.types import Volume
from worker.compute.uptake import lesion_uptake
from worker.tasks.runner import JobContext, job_task

METHODS = {"majority": majority, "staple": staple}


@job_task(JobKind.BUILD_CONSENSUS)
def build_consensus(context: JobContext) -> None:
    """fetch: readings → compute: consensus and agreement on the PET grid → record: a consensus."""
    case = Case.objects.select_related("patient__cohort", "ct", "pet").get(pk=context.job.subject_id)
    target = context.job.parameters["target"]
    chosen = Reading.objects.filter(pk__in=context.job.parameters["readings"]).select_related("mask", "reader")
    readings = list(chosen.order_by("created_at"))
    context.inputs(readings={str(reading.pk): reading.mask.sha256 if reading.mask else "" for reading in readings})
    if target == "bat":
        with completing(context.claim, message="Brown fat settled by the newest signed reading."):
            record_bat_settlement(case, reading=readings[-1], rule=bat_rule_mask(case), actor=context.job.created_by)
    else:
        _settle_tumour(context, case, readings)


def _settle_tumour(context: JobContext, case: Case, readings: list[Reading]) -> None:
    outcome = prevailing_outcome(readings)
    drawn = [reading for reading in readings if reading.outcome == Outcome.LESIONS]
    if outcome != Outcome.LESIONS or not drawn:
        with completing(context.claim, message=f"Settled as: {Outcome(outcome).label.lower()}."):
            record_consensus(case, target="tumour", method="majority", outcome=outcome, readings=readings, file=None)
        return
    volumes = fetch_case(case, context.workspace)
    result, method, pairs = _combine(context, case, volumes, readings, drawn)
    file, uptake = _measure(case, volumes, result.mask)
    message = (
        f"Consensus of {len(readings)} readings: {file.volume_ml:.1f} ml, {result.tie_voxels} tied voxels left out."
    )
    with completing(context.claim, message=message):
        record_consensus(
            case,
            target="tumour",
            method=method,
            outcome=outcome,
            readings=readings,
            file=file,
            tie_voxels=result.tie_voxels,
            agreement=pairs,
            statistics=uptake,
        )


def _combine(
    context: JobContext, case: Case, volumes: CaseVolumes, readings: list[Reading], drawn: list[Reading]
) -> tuple[ConsensusResult, str, list[dict]]:
    """Readers who stated that there is nothing to draw vote with an empty mask."""
    context.progress(0.2, "Comparing the readings")
    geometry = volumes.pet.geometry
    offset = volumes.offset_lps_mm
    masks = [mask_on(reading.mask, geometry, grid="pet", offset_lps_mm=offset) for reading in drawn]
    if len(readings) == 1:
        empty = Volume(array_zyx=masks[0].array_zyx * 0, geometry=geometry, unit="label")
        only = Volume(array_zyx=(masks[0].array_zyx != 0).astype("uint8"), geometry=geometry, unit="label")
        return ConsensusResult(mask=only, tie_voxels=0, dissent=empty, method="single"), "single", []
    names = [reading.reader.shown_name if reading.reader else reading.origin for reading in drawn]
    pairs = [asdict(pair) for pair in agreement(masks, names)] if len(masks) > 1 else []
    blanks = [Volume(array_zyx=masks[0].array_zyx * 0, geometry=geometry, unit="label")] * (len(readings) - len(drawn))
    method = current_rules(case.patient.cohort).consensus_method
    return METHODS[method]([*masks, *blanks]), method, pairs


def _measure(case: Case, volumes: CaseVolumes, mask: Volume) -> tuple[LabelmapFile, dict]:
    if not mask.array_zyx.any():
        raise EmptyMask("No voxel was drawn by more than half of the readers: an adjudicator must draw the consensus.")
    uptake = lesion_uptake(volumes.pet, mask).to_json()
    return store_labelmap(case, mask.array_zyx.tobytes(), grid="pet"), uptake
