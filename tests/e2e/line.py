"""One synthetic cohort on its way through every real part; each step is taken once, when a test first asks for it."""

import gzip
import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command

from tests.conftest import wait_until
from tests.e2e.conftest import PASSWORD

SLUG, FRESH_SLUG, READING_SLUG = "line", "fresh", "reading"
PATIENTS, MATRIX, SLICES, SEED = 24, 48, 30, 11
# One patient as large as a picture of the viewer needs it.
SHARP_MATRIX, SHARP_SLICES = 160, 110
JOBS_LIMIT_S = 900
ACCOUNTS = ("coordinator", "reader1", "reader2", "reader3", "adjudicator", "pathologist", "analyst", "admin")
READERS = ("reader1", "reader2", "reader3")


@dataclass
class Line:
    """The cohort, its folder on disk, and the steps in order; ``reach`` takes those that are still to be taken."""

    folder: Path
    taken: list[str] = field(default_factory=list)
    failed: str = ""

    def reach(self, name: str) -> None:
        """Takes every step up to ``name``; once a step has failed, nobody tries to go past it."""
        for step in list(STEPS)[: list(STEPS).index(name) + 1]:
            if self.failed:
                pytest.fail(f"the line stands still: {self.failed}")
            if step not in self.taken:
                self._take(step)

    def _take(self, step: str) -> None:
        try:
            STEPS[step](self)
        except BaseException as error:
            self.failed = f"the step {step} failed with {error!r}"
            raise
        self.taken.append(step)

    @property
    def phantom(self) -> Path:
        return self.folder / "phantom"

    @property
    def sharp_phantom(self) -> Path:
        return self.folder / "sharp"

    @cached_property
    def cohort(self):
        from backend.cohorts.models import Cohort

        return Cohort.objects.get(slug=SLUG)

    @cached_property
    def planted(self) -> dict:
        """The followed patient as planted: included, and with brown fat to measure."""
        patients = json.loads((self.phantom / "planted.json").read_text())["patients"]
        return next(one for one in patients if not one["exclusion"] and one["bat_active"])

    @cached_property
    def pseudonym(self) -> str:
        """Under which name the followed patient is known after the import."""
        from backend.cohorts.secrets import pseudonym_secret
        from worker.compute.deidentify.pseudonyms import Pseudonymiser

        return Pseudonymiser(pseudonym_secret(self.cohort)).pseudonym(self.planted["hospital_number"])

    @property
    def patient(self):
        return self.cohort.patients.get(pseudonym=self.pseudonym)

    @property
    def case(self):
        return self.patient.cases.get()

    def wait(self) -> None:
        """Until nothing is in flight; a job that failed fails the step, but for planted failures."""
        from backend.jobs.models import Job, JobKind, JobState

        in_flight = Job.objects.in_flight()
        wait_until(lambda: not in_flight.exists(), timeout_s=JOBS_LIMIT_S, what="no job is in flight")
        failed = Job.objects.filter(state=JobState.FAILED)
        # A body without a voxel of brown fat is a finding of that case and not a fault of the platform.
        wrong = [f"{job}: {job.message} {job.log}" for job in failed.exclude(kind=JobKind.PROPOSE_BAT)]
        if wrong:
            pytest.fail("\n".join(wrong))


def import_cohort(line: Line) -> None:
    """DICOM and the clinical table, by the commands that the README names."""
    from worker.compute.phantoms.cohort import CohortRequest, write_cohort

    request = CohortRequest(patients=PATIENTS, matrix=MATRIX, slices=SLICES, seed=SEED, effect=3.0)
    write_cohort(request, line.phantom, processes=2)
    secrets = line.folder / "secrets.json"
    secrets.write_text(json.dumps({"passwords": dict.fromkeys(ACCOUNTS, PASSWORD)}))
    for slug, synthetic in ((SLUG, ["--synthetic"]), (FRESH_SLUG, []), (READING_SLUG, ["--synthetic"])):
        call_command("seed_demo", "--cohort", slug, "--secrets", str(secrets), *synthetic)
    seal_more_patients(line)
    call_command("import_dicom", "--cohort", SLUG, str(line.phantom / "dicom"))
    call_command("import_clinical", "--cohort", SLUG, str(line.phantom / "clinical.csv"))


def seal_more_patients(line: Line) -> None:
    """A protocol for a small cohort: a tenth of it would be a test set in which a small nnU-Net may find nothing."""
    from backend.accounts.models import User
    from backend.cohorts.protocol_versions import new_protocol_version
    from backend.cohorts.services import current_rules

    rules = replace(current_rules(line.cohort), test_fraction=0.25, folds=3)
    coordinator = User.objects.get(username="coordinator")
    new_protocol_version(cohort=line.cohort, rules=rules, reason="The cohort is small.", actor=coordinator)


def build_volumes(line: Line) -> None:
    """Nothing to start: the import has queued it."""
    line.wait()


def hand_in_readings(line: Line) -> None:
    """Three readers' masks from another program; the third of a case starts its consensus."""
    draw_differently(line)
    for number, reader in enumerate(READERS, 1):
        masks = ("--file", f"reader_{number}.*", str(line.phantom / "masks"))
        call_command("import_readings", "--cohort", SLUG, "--reader", reader, *masks)
    line.wait()


def draw_differently(line: Line) -> None:
    """The followed patient's third reader draws a shell more: at this size the synthetic readers draw the same."""
    from scipy.ndimage import binary_dilation

    from worker.compute.nifti import read_nifti, write_nifti

    folder = line.phantom / "masks" / line.planted["hospital_number"]
    tumour = read_nifti(folder / "truth_tumour.nii.gz")
    wider = binary_dilation(tumour.array_zyx > 0).astype(np.uint8)
    (folder / "reader_3.dcm").unlink(missing_ok=True)
    write_nifti(tumour.with_array(wider), folder / "reader_3.nii.gz")


def sign_brown_fat(line: Line) -> None:
    """The first reader accepts the rule's proposal of the followed patient; all others stay unsigned."""
    from backend.accounts.models import User
    from backend.annotations.models import Target
    from backend.annotations.selectors import bat_rule_mask
    from backend.annotations.services.assigning import assign_one
    from backend.annotations.services.drawing import save_mask
    from backend.annotations.services.submission import submit_reading
    from backend.core.storage import read_bytes

    reader, rule = User.objects.get(username=READERS[0]), bat_rule_mask(line.case)
    assignment = assign_one(case=line.case, reader=reader, target=Target.BAT, actor=None)
    saved = save_mask(
        assignment=assignment,
        actor=reader,
        parent_id=None,
        lesions=rule.lesions,
        mask_gzip=read_bytes(rule.provenance["on_pet_grid"]["key"]),
        proposal_id=rule.pk,
    )
    submit_reading(assignment=assignment, actor=reader, revision_id=saved.mask.pk, outcome="lesions")
    line.wait()


def run_stages(*titles: str):
    """A step that starts the named stages of ``manage.py run_pipeline`` one after the other."""

    def run(line: Line) -> None:
        from backend.experiments.services.pipeline import STAGES

        for title in titles:
            next(stage for stage in STAGES if stage.title == title).start(line.cohort)
            line.wait()

    return run


def leave_a_reading_open(line: Line) -> None:
    """One large patient of another cohort, half way through a reading; and a slide photograph of the followed one."""
    from backend.accounts.models import User
    from backend.annotations.services.assigning import assign_one
    from backend.annotations.services.drawing import save_mask
    from backend.cohorts.models import Cohort
    from backend.imaging.models import Case
    from tests.factories.pathology import make_photograph
    from worker.compute.nifti import read_nifti
    from worker.compute.phantoms.cohort import CohortRequest, write_patient
    from worker.compute.phantoms.lesions import ROI_NAMES, ROLES
    from worker.compute.phantoms.plan import plan_cohort

    request = CohortRequest(patients=1, matrix=SHARP_MATRIX, slices=SHARP_SLICES, seed=SEED)
    plan = next(plan for plan in plan_cohort(1, request.effect, SEED) if not plan.exclusion)
    write_patient(plan, request, line.sharp_phantom)
    call_command("import_dicom", "--cohort", READING_SLUG, str(line.sharp_phantom / "dicom"))
    line.wait()
    reader = User.objects.get(username=READERS[0])
    case = Case.objects.get(patient__cohort=Cohort.objects.get(slug=READING_SLUG))
    assignment = assign_one(case=case, reader=reader, target="tumour", actor=None)
    drawn = read_nifti(next(line.sharp_phantom.rglob("truth_tumour.nii.gz"))).array_zyx.astype(np.uint8)
    lesions = [
        {"label": label, "name": ROI_NAMES[role], "role": role, "site": ""}
        for role, label in ROLES.items()
        if (drawn == label).any()
    ]
    save_mask(
        assignment=assignment,
        actor=reader,
        parent_id=None,
        lesions=lesions,
        mask_gzip=gzip.compress(drawn.tobytes()),
    )
    make_photograph(line.patient, actor=User.objects.get(username="pathologist"))


STEPS = {
    "import": import_cohort,
    "volumes": build_volumes,
    "readings": hand_in_readings,
    "brown fat": sign_brown_fat,
    "features": run_stages("Building consensus", "Comparing the readers", "Extracting features"),
    "models": run_stages("Freezing the dataset", "Training"),
    "clusters": run_stages("Clustering"),
    "automatic": run_stages("Segmenting", "Extracting automatic features", "Evaluating automatic ROIs"),
    "open reading": leave_a_reading_open,
}
