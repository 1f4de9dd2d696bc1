"""Masks drawn in another program, a folder per hospital number: staged, and handed in as a reader's readings by a job.

The folder's names identify patients, so only the job opens it; what is kept knows pseudonyms alone.
"""

import shutil
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from backend.accounts.models import User
from backend.annotations.models import Assignment, MaskSource, Outcome, Reading, Target
from backend.annotations.services.assigning import assign_one
from backend.annotations.services.masks import LabelmapFile, record_mask
from backend.annotations.services.submission import submit_reading
from backend.cohorts.models import Cohort, Membership, Role
from backend.core.errors import InvalidInput
from backend.imaging.models import Case
from backend.imaging.services.uploads import staging_root
from backend.jobs.models import Job, JobKind
from backend.jobs.services import enqueue_job


@dataclass(frozen=True, kw_only=True)
class OutsideReading:
    """One patient's mask on the PET grid, stored, with what was measured in it."""

    case: Case
    file: LabelmapFile
    lesions: list[dict]
    measured: dict


def start_reading_import(*, cohort: Cohort, reader: User, path: Path, pattern: str, actor: User | None) -> Job:
    """Stages the folder as a link and queues the import; ``pattern`` says which file of a patient's folder is meant."""
    if not path.is_dir():
        raise InvalidInput(f"There is no folder {path}: name the folder that holds one folder per patient.")
    if not Membership.objects.filter(cohort=cohort, user=reader, role=Role.READER).exists():
        raise InvalidInput(f"{reader.shown_name} is not a reader of {cohort}: give the role first.")
    staged = uuid.uuid4().hex
    folder = staging_root() / staged
    folder.mkdir(mode=0o700)
    (folder / "delivery").symlink_to(path.resolve())
    return enqueue_job(
        kind=JobKind.IMPORT_READINGS,
        subject=cohort,
        subject_title=f"of {reader.shown_name}",
        cohort_uuid=cohort.pk,
        parameters={"staged": staged, "reader": reader.pk, "pattern": pattern},
        created_by=actor,
    )


def staged_folder(job: Job) -> Path:
    """The delivered folder. Raises InvalidInput where it is gone."""
    link = staging_root() / job.parameters["staged"] / "delivery"
    if not link.is_dir():
        raise InvalidInput("The delivered folder is gone: start the import again.")
    return link.resolve()


def erase_delivery(job: Job) -> None:
    """Removes the link; the folder that it names stays."""
    shutil.rmtree(staging_root() / job.parameters["staged"], ignore_errors=True)


def cases_to_read(cohort: Cohort, reader: User) -> dict[str, Case]:
    """Pseudonym → the patient's newest case, without those that the reader has handed in."""
    done = Assignment.objects.handed_in().filter(reader=reader, target=Target.TUMOUR).values("case")
    rows = Case.objects.filter(patient__cohort=cohort).exclude(pk__in=done)
    found = rows.select_related("patient__cohort", "ct", "pet").order_by("created_at")
    return {case.patient.pseudonym: case for case in found}


def record_outside_readings(
    found: Iterable[OutsideReading], *, reader: User, actor: User | None, origin: str
) -> list[Reading]:
    """Hands each mask in as the reader's own. Must run inside ``completing``."""
    return [_record(outside, reader, actor, origin) for outside in found]


def _record(outside: OutsideReading, reader: User, actor: User | None, origin: str) -> Reading:
    assignment = assign_one(case=outside.case, reader=reader, target=Target.TUMOUR, actor=actor)
    mask = record_mask(
        case=outside.case,
        target=Target.TUMOUR,
        source=MaskSource.IMPORTED,
        file=outside.file,
        lesions=outside.lesions,
        assignment=assignment,
        author=reader,
        provenance={"origin": origin},
    )
    return submit_reading(
        assignment=assignment, actor=actor, revision_id=mask.pk, outcome=Outcome.LESIONS, measured=outside.measured
    )
