"""Segmenter: the consensus masks of a frozen dataset → nnU-Net by its folds, in processes of its own."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from backend.annotations.models import Consensus
from backend.cohorts.models import DatasetMember, DatasetVersion
from backend.experiments.models import ExperimentKind
from backend.experiments.services.recording import (
    FigureSpec,
    record_experiment,
    record_model_version,
    store_model_files,
)
from backend.experiments.services.requests import SEGMENTER
from backend.experiments.trainable import require_still_trainable, trainable_members
from backend.imaging.models import Case
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from worker.automatic_roi import AutomaticRoi, keep_automatic_roi
from worker.casework import fetch_case, mask_on, without_missing
from worker.compute.errors import InsufficientData
from worker.compute.figures.segmentation import dice_of_folds, training_curves
from worker.compute.nifti import read_nifti, write_nifti
from worker.compute.segmentation.settings import PAPER, SMALL
from worker.compute.segmentation.training import SegmentationTraining, train
from worker.compute.types import Geometry, Volume
from worker.drawing import draw
from worker.tasks.runner import JobContext, job_task

SIZES = {"small": SMALL, "paper": PAPER}
_PREPARED = 0.1


@job_task(JobKind.TRAIN_SEGMENTER, time_limit_s=48 * 3600)
def train_segmenter(context: JobContext) -> None:
    """fetch: training patients' images and masks → compute: nnU-Net → record: the model and its curves."""
    dataset = DatasetVersion.objects.select_related("cohort").get(pk=context.job.subject_id)
    settings = SIZES[context.job.parameters["size"]]
    members = [member for member in trainable_members(dataset) if not member.in_test_set]
    context.inputs(dataset=dataset.sha256, settings=settings.to_json())
    folder = context.workspace / "dataset"
    _write_dataset(context, members, folder)
    training = train(
        folder,
        context.workspace / "model",
        settings,
        lambda fraction, step: context.progress(_PREPARED + (1 - _PREPARED) * fraction, step),
        context.is_stopped,
    )
    files = store_model_files(dataset.cohort, _model_only(training, context.workspace / "kept"))
    proposals = [_out_of_fold(member, training) for member in members if _is_segmented(member, training)]
    message = f"Mean Dice on patients that the fold did not see: {training.mean_out_of_fold_dice:.3f}."
    with completing(context.claim, message=message):
        require_still_trainable(dataset, members)
        experiment = record_experiment(
            cohort=dataset.cohort,
            dataset=dataset,
            kind=ExperimentKind.SEGMENTATION,
            job=context.job,
            seed=settings.seed,
            settings=settings.to_json(),
            results={
                "mean_out_of_fold_dice": training.mean_out_of_fold_dice,
                "folds": [asdict(fold) for fold in training.folds],
            },
            figures=_figures(training),
        )
        metrics = {"mean_out_of_fold_dice": training.mean_out_of_fold_dice}
        model = record_model_version(
            experiment, name=SEGMENTER, files=files, metrics={**metrics, "manifest_sha256": training.manifest_sha256}
        )
        for proposal in proposals:
            proposal.record(model.pk)


def _is_segmented(member: DatasetMember, training: SegmentationTraining) -> bool:
    return (training.out_of_fold_dir / f"{member.patient.pseudonym}.nii.gz").exists()


def _out_of_fold(member: DatasetMember, training: SegmentationTraining) -> AutomaticRoi:
    """The mask of a training patient by the fold that did not see the patient: made during training already."""
    name = member.patient.pseudonym
    case = Case.objects.select_related("patient__cohort", "ct", "pet").get(pk=member.case_uuid)
    found = read_nifti(training.out_of_fold_dir / f"{name}.nii.gz")
    mask = Volume(array_zyx=found.array_zyx, geometry=Geometry.from_json(case.ct.geometry), unit="label")
    fold = next(fold.fold for fold in training.folds if name in fold.out_of_fold_dice)
    return keep_automatic_roi(case, mask, fold=fold)


def _figures(training: SegmentationTraining) -> list[FigureSpec]:
    folds = [asdict(fold) for fold in training.folds]
    n = sum(len(fold.out_of_fold_dice) for fold in training.folds)
    seen = "Pseudo-Dice of nnU-Net over validation patches, as it is watched during training."
    unseen = "Dice on each patient's own CT grid by the fold that did not see the patient."
    return [
        draw("segmenter_curves", "Loss and Dice by epoch", training_curves(folds), caption=seen, n=n),
        draw("segmenter_dice", "Dice out of fold", dice_of_folds(folds), caption=unseen, n=n),
    ]


def _write_dataset(context: JobContext, members: list[DatasetMember], folder: Path) -> None:
    """nnU-Net's raw layout on the CT grid, with the dataset's own folds."""
    for name in ("imagesTr", "labelsTr"):
        (folder / name).mkdir(parents=True)
    drawn = [member for member in members if _write_case(context, member, folder)]
    if len({member.fold for member in drawn}) < 2:
        raise InsufficientData("Too few patients of the dataset have a consensus mask: settle more cases first.")
    names = {member.fold: [] for member in drawn}
    for member in drawn:
        names[member.fold].append(member.patient.pseudonym)
    every = {name for fold in names.values() for name in fold}
    splits = [{"train": sorted(every - set(fold)), "val": sorted(fold)} for _, fold in sorted(names.items())]
    (folder / "splits_final.json").write_text(json.dumps(splits))
    context.log(f"{len(drawn)} of {len(members)} training patients have a consensus mask.")


def _write_case(context: JobContext, member: DatasetMember, folder: Path) -> bool:
    consensus = Consensus.objects.filter(pk=member.consensus_uuid).select_related("mask").first()
    if consensus is None or consensus.mask is None:
        return False
    context.progress(0.0, f"Preparing {member.patient.pseudonym}")
    case = Case.objects.select_related("patient__cohort", "ct", "pet").get(pk=member.case_uuid)
    volumes = fetch_case(case, context.workspace / "cases")
    grid = volumes.on_ct_grid()
    mask = mask_on(consensus.mask, grid.ct.geometry, grid="ct", offset_lps_mm=volumes.offset_lps_mm)
    name = member.patient.pseudonym
    write_nifti(grid.ct, folder / "imagesTr" / f"{name}_0000.nii.gz")
    write_nifti(without_missing(grid.pet), folder / "imagesTr" / f"{name}_0001.nii.gz")
    binary = Volume(array_zyx=(mask.array_zyx != 0).astype(np.uint8), geometry=grid.ct.geometry, unit="label")
    write_nifti(binary, folder / "labelsTr" / f"{name}.nii.gz")
    return True


def _model_only(training: SegmentationTraining, kept: Path) -> Path:
    """The files that prediction reads, apart from logs and preprocessed data."""
    for name in (*training.manifest, "petra_model.json"):
        target = kept / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((training.model_dir / name).read_bytes())
    return kept
