"""A signed consensus' uptake: its mask on the native PET grid → SUVmax, SUVpeak, SUVmean, MTV and TLG."""

from backend.annotations.models import Consensus
from backend.annotations.services.adjudicating import record_consensus_measurement
from backend.imaging.models import Case
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from worker.casework import fetch_case, mask_on
from worker.compute.errors import EmptyMask
from worker.compute.uptake import lesion_uptake
from worker.tasks.runner import JobContext, job_task


@job_task(JobKind.MEASURE_CONSENSUS)
def measure_consensus(context: JobContext) -> None:
    """fetch: the signed mask and PET → compute: uptake → record: a measurement, or why there is none."""
    consensus = Consensus.objects.select_related("mask").get(pk=context.job.subject_id)
    case = Case.objects.select_related("patient", "ct", "pet").get(pk=consensus.case_id)
    context.inputs(mask=consensus.mask.sha256, pet=case.pet.sha256)
    volumes = fetch_case(case, context.workspace)
    signed = mask_on(consensus.mask, volumes.pet.geometry, grid="pet", offset_lps_mm=volumes.offset_lps_mm)
    whole, problem = {}, ""
    try:
        whole = lesion_uptake(volumes.pet, signed).to_json()
    except EmptyMask as error:
        problem = str(error)
    with completing(context.claim, message=problem or "The signed consensus is measured."):
        record_consensus_measurement(consensus, whole=whole, problem=problem)
