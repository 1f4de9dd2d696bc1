"""Readings from another program: a staged folder of masks by hospital number → a reader's readings under pseudonyms."""

from pathlib import Path

from backend.accounts.models import User
from backend.annotations.services.masks import store_labelmap
from backend.annotations.services.outside_readings import (
    OutsideReading,
    cases_to_read,
    erase_delivery,
    record_outside_readings,
    staged_folder,
)
from backend.cohorts.models import Cohort
from backend.cohorts.secrets import pseudonym_secret
from backend.imaging.models import Case
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from worker.casework import fetch_case
from worker.compute.deidentify.pseudonyms import Pseudonymiser
from worker.compute.errors import ComputeError, RunCancelled
from worker.compute.outside_masks import labelmap_of_file, mask_files
from worker.tasks.measure_reading import measured
from worker.tasks.runner import JobContext, job_task


@job_task(JobKind.IMPORT_READINGS)
def import_readings(context: JobContext) -> None:
    """fetch: the staged folder → compute: masks on the PET grid → record: readings, handed in."""
    cohort = Cohort.objects.get(pk=context.job.subject_id)
    reader = User.objects.get(pk=context.job.parameters["reader"])
    pseudonymiser = Pseudonymiser(pseudonym_secret(cohort))
    files = mask_files(staged_folder(context.job), context.job.parameters["pattern"])
    cases = cases_to_read(cohort, reader)
    found, unmatched, refused = [], 0, 0
    for number, (hospital_number, path) in enumerate(files.items()):
        context.progress(number / len(files), f"Reading mask {number + 1} of {len(files)}")
        case = cases.get(pseudonymiser.pseudonym(hospital_number))
        if case is None:
            unmatched += 1
            continue
        try:
            found.append(_read(context, case, path, pseudonymiser))
        except RunCancelled:
            raise
        except ComputeError as error:
            refused += 1
            context.log(f"{case.patient.pseudonym}: {error}")
    message = f"{len(found)} readings of {reader.shown_name} handed in{_beside(unmatched, refused)}."
    with completing(context.claim, message=message):
        record_outside_readings(found, reader=reader, actor=context.job.created_by, origin="another program")
    erase_delivery(context.job)


def _read(context: JobContext, case: Case, path: Path, pseudonymiser: Pseudonymiser) -> OutsideReading:
    volumes = fetch_case(case, context.workspace)
    drawn, lesions = labelmap_of_file(path, volumes.pet.geometry, pseudonymiser)
    file = store_labelmap(case, drawn.array_zyx.tobytes(), grid="pet")
    return OutsideReading(case=case, file=file, lesions=lesions, measured=measured(volumes, drawn, lesions))


def _beside(unmatched: int, refused: int) -> str:
    parts = []
    if unmatched:
        parts.append(f"{unmatched} folders belong to no case that is still to be read")
    if refused:
        parts.append(f"{refused} masks could not be used (see the log)")
    return "; " + ", ".join(parts) if parts else ""
