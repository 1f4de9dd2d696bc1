"""Automatic ROI: patients of the segmenter's dataset → a proposed mask by models that never saw the patient."""

from pathlib import Path

from backend.annotations.models import Mask
from backend.cohorts.models import DatasetMember
from backend.experiments.models import Experiment, ModelVersion
from backend.experiments.services.requests import SEGMENTER
from backend.experiments.trainable import analysable_members
from backend.imaging.models import Case
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from worker.automatic_roi import AutomaticRoi, keep_automatic_roi
from worker.casework import fetch_case, without_missing
from worker.compute.segmentation.manifest import read_verified_manifest
from worker.compute.segmentation.predict import predict_case
from worker.datasets import fetch_model
from worker.tasks.runner import JobContext, job_task


@job_task(JobKind.SEGMENT_CASES, time_limit_s=24 * 3600)
def segment_cases(context: JobContext) -> None:
    """fetch: the model and images → compute: nnU-Net inference → record: proposals.

    Training patients have their out-of-fold mask from the training itself and are not segmented again.
    """
    trained = Experiment.objects.select_related("cohort", "dataset_version").get(pk=context.job.subject_id)
    model = ModelVersion.objects.get(experiment=trained, name=SEGMENTER)
    folder = fetch_model(model, context.workspace / "model")
    done = set(Mask.objects.filter(model_uuid=model.pk).values_list("case_id", flat=True))
    members = [member for member in analysable_members(trained.dataset_version) if member.case_uuid not in done]
    context.inputs(model=model.metrics["manifest_sha256"], dataset=trained.dataset_version.sha256)
    found: list[AutomaticRoi] = []
    for number, member in enumerate(members):
        context.progress(number / len(members), f"Segmenting {member.patient.pseudonym}")
        found.append(_segment(context.workspace, folder, model, member))
    with completing(context.claim, message=_sentence(found, len(done))):
        for roi in found:
            roi.record(model.pk)


def _segment(workspace: Path, folder: Path, model: ModelVersion, member: DatasetMember) -> AutomaticRoi:
    case = Case.objects.select_related("patient__cohort", "ct", "pet").get(pk=member.case_uuid)
    grid = fetch_case(case, workspace / "cases").on_ct_grid()
    digest = model.metrics["manifest_sha256"]
    manifest = read_verified_manifest(folder, digest)
    unseen = manifest.folds_without(member.patient.pseudonym)
    in_training = len(unseen) < len(manifest.folds)
    mask = predict_case(folder, grid.ct, without_missing(grid.pet), unseen, manifest_sha256=digest)
    return keep_automatic_roi(case, mask, fold=unseen[0] if in_training else None)


def _sentence(found: list[AutomaticRoi], already: int) -> str:
    empty = sum(roi.is_empty for roi in found)
    beside = f"; in {empty} patients nothing was found" if empty else ""
    return f"{len(found) - empty} automatic ROIs proposed, {already} were there from the training{beside}."
