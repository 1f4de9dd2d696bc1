"""Automatic ROI: every patient of the segmenter's dataset → a proposed mask by models that never saw the patient."""

from pathlib import Path

from backend.annotations.services.masks import LabelmapFile
from backend.annotations.services.proposals import record_segmentation
from backend.cohorts.models import DatasetMember
from backend.experiments.models import Experiment, ModelVersion
from backend.experiments.services.requests import SEGMENTER
from backend.imaging.models import Case
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from worker.casework import fetch_case, store_on_both_grids, without_missing
from worker.compute.segmentation.manifest import read_verified_manifest
from worker.compute.segmentation.predict import predict_case
from worker.datasets import fetch_model, members_of
from worker.tasks.runner import JobContext, job_task


@job_task(JobKind.SEGMENT_CASES, time_limit_s=24 * 3600)
def segment_cases(context: JobContext) -> None:
    """fetch: the model and images → compute: nnU-Net inference → record: proposals; training patients out of fold."""
    trained = Experiment.objects.select_related("cohort", "dataset_version").get(pk=context.job.subject_id)
    model = ModelVersion.objects.get(experiment=trained, name=SEGMENTER)
    folder = fetch_model(model, context.workspace / "model")
    members = members_of(trained.dataset_version)
    context.inputs(model=model.metrics["manifest_sha256"], dataset=trained.dataset_version.sha256)
    found: list[tuple[Case, tuple[LabelmapFile, LabelmapFile], int | None]] = []
    empty = 0
    for number, member in enumerate(members):
        context.progress(number / len(members), f"Segmenting {member.patient.pseudonym}")
        case, files, fold = _segment(context.workspace, folder, model, member)
        if files[0].voxel_count:
            found.append((case, files, fold))
        else:
            empty += 1
    beside = f"; in {empty} patients nothing was found" if empty else ""
    with completing(context.claim, message=f"{len(found)} automatic ROIs proposed{beside}."):
        for case, (on_ct, on_pet), fold in found:
            record_segmentation(case, on_ct=on_ct, on_pet=on_pet, model_uuid=model.pk, fold=fold)


def _segment(
    workspace: Path, folder: Path, model: ModelVersion, member: DatasetMember
) -> tuple[Case, tuple[LabelmapFile, LabelmapFile], int | None]:
    case = Case.objects.select_related("patient__cohort", "ct", "pet").get(pk=member.case_uuid)
    volumes = fetch_case(case, workspace / "cases")
    grid = volumes.on_ct_grid()
    manifest = read_verified_manifest(folder, model.metrics["manifest_sha256"])
    unseen = manifest.folds_without(member.patient.pseudonym)
    in_training = len(unseen) < len(manifest.folds)
    mask = predict_case(
        folder, grid.ct, without_missing(grid.pet), unseen, manifest_sha256=model.metrics["manifest_sha256"]
    )
    return case, store_on_both_grids(case, mask, volumes.offset_lps_mm), unseen[0] if in_training else None
