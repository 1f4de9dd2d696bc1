"""A reading's uptake: its mask on the native PET grid → SUVmax, SUVpeak, SUVmean, MTV and TLG of every lesion."""

from backend.annotations.models import Reading
from backend.annotations.services.measurements import record_measurement
from backend.imaging.models import Case
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from worker.casework import CaseVolumes, fetch_case, mask_on
from worker.compute.errors import EmptyMask
from worker.compute.types import Volume
from worker.compute.uptake import lesion_uptake
from worker.tasks.runner import JobContext, job_task


@job_task(JobKind.MEASURE_READING)
def measure_reading(context: JobContext) -> None:
    """fetch: the reading's mask and PET → compute: uptake → record: a measurement, or why there is none."""
    reading = Reading.objects.select_related("mask", "case__patient").get(pk=context.job.subject_id)
    case = Case.objects.select_related("patient", "ct", "pet").get(pk=reading.case_id)
    context.inputs(mask=reading.mask.sha256, pet=case.pet.sha256)
    volumes = fetch_case(case, context.workspace)
    drawn = mask_on(reading.mask, volumes.pet.geometry, grid="pet", offset_lps_mm=volumes.offset_lps_mm)
    try:
        values = measured(volumes, drawn, reading.mask.lesions)
    except EmptyMask as error:
        values = {"problem": str(error)}
    with completing(context.claim, message=values.get("problem") or "The reading is measured."):
        record_measurement(reading, **values)


def measured(volumes: CaseVolumes, drawn: Volume, lesions: list[dict]) -> dict:
    """``whole`` and ``lesions`` of a ReadingMeasurement; a lesion too small for a PET voxel has no numbers."""
    whole = lesion_uptake(volumes.pet, drawn).to_json()
    each = [{**lesion, **_of_lesion(volumes, drawn, lesion["label"])} for lesion in lesions]
    return {"whole": whole, "lesions": each}


def _of_lesion(volumes: CaseVolumes, drawn: Volume, label: int) -> dict:
    try:
        only = drawn.with_array((drawn.array_zyx == label).astype("uint8"))
        return lesion_uptake(volumes.pet, only).to_json()
    except EmptyMask as error:
        return {"problem": str(error)}
