"""Consensus: the readings of a case → masks by majority and STAPLE, one of which stands, and how readers agreed."""

from collections.abc import Iterable

import numpy as np

from backend.annotations.adjudication import reading_title
from backend.annotations.models import Outcome, Reading
from backend.annotations.selectors import bat_rule_mask
from backend.annotations.services.consensus import (
    prevailing_outcome,
    record_bat_settlement,
    record_consensus,
    record_proposed_mask,
)
from backend.annotations.services.masks import LabelmapFile, store_labelmap
from backend.cohorts.services import current_rules
from backend.imaging.models import Case
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from worker.casework import CaseVolumes, fetch_case, mask_on
from worker.compute.agreement import agreement
from worker.compute.consensus import ConsensusResult, disagreement, majority, staple
from worker.compute.errors import EmptyMask
from worker.compute.fleiss import kappa_of_masks
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
    if not drawn:
        with completing(context.claim, message=f"Settled as: {Outcome(outcome).label.lower()}."):
            record_consensus(case, target="tumour", method="majority", outcome=outcome, readings=readings, file=None)
        return
    volumes = fetch_case(case, context.workspace)
    masks = _masks(case, volumes, readings)
    context.progress(0.2, "Comparing the readings")
    compared = _compare(masks, readings)
    context.progress(0.5, "Combining the readings")
    results = _combine(masks, readings)
    method = "single" if len(readings) == 1 else current_rules(case.patient.cohort).consensus_method
    settled = results[method] if outcome == Outcome.LESIONS else None
    files = {name: _store(case, result.mask) for name, result in results.items() if name != "single"}
    if len(masks) > 1:
        files["disagreement"] = _store(case, disagreement(list(masks.values())))
    uptake = _uptake(volumes, settled)
    with completing(context.claim, message=_sentence(readings, outcome, settled, volumes.pet)):
        proposals = {name: record_proposed_mask(case, name, file, readings) for name, file in files.items() if file}
        record_consensus(
            case,
            target="tumour",
            method=method,
            outcome=outcome,
            readings=readings,
            file=_store(case, settled.mask) if settled and method == "single" else None,
            mask=proposals.get(method) if settled else None,
            tie_voxels=settled.tie_voxels if settled else 0,
            agreement=compared,
            statistics=uptake,
            proposals=proposals,
        )


def _masks(case: Case, volumes: CaseVolumes, readings: Iterable[Reading]) -> dict[Reading, Volume]:
    """What each reader drew on the PET grid; no avid tumour is an empty mask, and not evaluable is none at all."""
    geometry = volumes.pet.geometry
    empty = Volume(array_zyx=np.zeros(geometry.shape_zyx, np.uint8), geometry=geometry, unit="label")
    masks = {}
    for reading in readings:
        if reading.outcome == Outcome.LESIONS:
            masks[reading] = mask_on(reading.mask, geometry, grid="pet", offset_lps_mm=volumes.offset_lps_mm)
        elif reading.outcome == Outcome.NO_AVID_TUMOUR:
            masks[reading] = empty
    return masks


def _compare(masks: dict[Reading, Volume], readings: list[Reading]) -> dict:
    """Every pair, and Fleiss' kappa of all; who found the case not evaluable is counted and compared with nobody."""
    counts = {str(outcome): sum(reading.outcome == outcome for reading in readings) for outcome in Outcome.values}
    record = {"pairs": [], "outcomes": counts, "masks": len(masks)}
    if len(masks) < 2:
        return record
    volumes, names = list(masks.values()), [reading_title(reading) for reading in masks]
    pairs = [pair.to_json() for pair in agreement(volumes, names)]
    return {**record, "pairs": pairs, "fleiss": kappa_of_masks(volumes, names).to_json()}


def _combine(masks: dict[Reading, Volume], readings: list[Reading]) -> dict[str, ConsensusResult]:
    """Both proposals; in the vote, who drew nothing for whatever reason counts as an empty mask."""
    volumes = list(masks.values())
    if len(readings) == 1:
        only = volumes[0].with_array((volumes[0].array_zyx != 0).astype(np.uint8))
        nobody = only.with_array(only.array_zyx * 0)
        return {"single": ConsensusResult(mask=only, tie_voxels=0, dissent=nobody, method="single")}
    blank = volumes[0].with_array(np.zeros_like(volumes[0].array_zyx))
    volumes += [blank] * (len(readings) - len(volumes))
    return {name: combine(volumes) for name, combine in METHODS.items()}


def _store(case: Case, mask: Volume) -> LabelmapFile | None:
    """A mask without a voxel is no proposal."""
    return store_labelmap(case, mask.array_zyx.tobytes(), grid="pet") if mask.array_zyx.any() else None


def _uptake(volumes: CaseVolumes, settled: ConsensusResult | None) -> dict:
    try:
        return lesion_uptake(volumes.pet, settled.mask).to_json() if settled else {}
    except EmptyMask:
        return {}


def _sentence(readings: list[Reading], outcome: str, settled: ConsensusResult | None, pet: Volume) -> str:
    if settled is None:
        return f"Settled as: {Outcome(outcome).label.lower()}."
    voxels = int(np.count_nonzero(settled.mask.array_zyx))
    if not voxels:
        return "No voxel was drawn by more than half of the readers: an adjudicator must draw the consensus."
    ties = f"{settled.tie_voxels} tied voxels left out"
    return f"Consensus of {len(readings)} readings: {voxels * pet.geometry.voxel_volume_ml:.1f} ml, {ties}."
