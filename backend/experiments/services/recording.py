"""Recording what an analysis found: runs, predictions, model files, figures. Always inside ``completing``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from backend.audit.services import record_audit
from backend.cohorts.models import Cohort, DatasetVersion, Patient
from backend.cohorts.services import current_protocol
from backend.core.storage import StoredFile, store_bytes, store_path
from backend.experiments.models import Experiment, ExperimentKind, Figure, ModelVersion, Prediction, Run
from backend.jobs.models import Job

TEST_FOLD = None


@dataclass(frozen=True, kw_only=True)
class FigureSpec:
    """A figure as the worker declared it, ``svg`` is its printed form; ``key`` names it within its experiment."""

    key: str
    title: str
    spec: dict
    svg: bytes
    caption: str = ""
    n: int | None = None


def record_experiment(
    *,
    cohort: Cohort,
    kind: ExperimentKind,
    job: Job,
    dataset: DatasetVersion | None = None,
    based_on: Experiment | None = None,
    settings: dict | None = None,
    results: dict | None = None,
    seed: int = 0,
    figures: Iterable[FigureSpec] = (),
) -> Experiment:
    """Writes the experiment of a job with its figures; a job has one, so a second delivery cannot double it."""
    experiment = Experiment.objects.create(
        cohort=cohort,
        dataset_version=dataset,
        kind=kind,
        job=job,
        based_on=based_on,
        settings=settings or {},
        results=results or {},
        seed=seed,
        protocol_number=dataset.protocol.number if dataset else current_protocol(cohort).number,
    )
    Figure.objects.bulk_create([_figure(experiment, figure) for figure in figures])
    record_audit(
        action="experiment.record",
        subject=experiment,
        actor=job.created_by,
        cohort_uuid=cohort.pk,
        after={"kind": str(kind), "dataset": dataset.number if dataset else None},
    )
    return experiment


def _figure(experiment: Experiment, figure: FigureSpec) -> Figure:
    file = store_bytes(figure.svg, folder=f"{experiment.cohort_id}/figures", suffix=".svg")
    return Figure(
        experiment=experiment,
        key=figure.key,
        title=figure.title,
        caption=figure.caption,
        n=figure.n,
        spec=figure.spec,
        svg_key=file.key,
        svg_sha256=file.sha256,
    )


def record_models(experiment: Experiment, models: Mapping[str, dict]) -> None:
    """Writes runs and predictions of models; ``models`` are entries of metrics.json plus their ``predictions``."""
    patients = _patients(experiment.cohort)
    for name, entry in models.items():
        Run.objects.bulk_create([_run(experiment, name, fold["fold"], fold) for fold in entry["folds"]])
        Run.objects.bulk_create([_run(experiment, name, TEST_FOLD, entry["test"])])
        Prediction.objects.bulk_create(
            [
                Prediction(
                    experiment=experiment,
                    model_name=name,
                    patient=patients[prediction["patient"]],
                    probability=prediction["probability"],
                    partition=prediction["partition"],
                    roi=entry.get("roi", "consensus"),
                )
                for prediction in entry["predictions"]
            ]
        )


def _patients(cohort: Cohort) -> dict[str, Patient]:
    return {patient.pseudonym: patient for patient in Patient.objects.filter(cohort=cohort)}


def _run(experiment: Experiment, name: str, fold: int | None, entry: dict) -> Run:
    known = ("confusion", "loss", "fold", "n", "n_train", "selected_features")
    return Run(
        experiment=experiment,
        model_name=name,
        fold=fold,
        n=entry["n"],
        metrics={key: value for key, value in entry.items() if key not in known},
        curves={"loss": entry.get("loss", []), "n_train": entry.get("n_train")},
        confusion_matrix=entry.get("confusion", {}),
    )


def store_model_files(cohort: Cohort, folder: Path) -> dict[str, StoredFile]:
    """Keeps every file below ``folder``; returns relative path → stored file."""
    return {
        path.relative_to(folder).as_posix(): store_path(path, folder=f"{cohort.pk}/models", suffix=path.suffix)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def record_model_version(
    experiment: Experiment, *, name: str, files: Mapping[str, StoredFile], metrics: dict
) -> ModelVersion:
    """Writes a candidate model; its number counts the models of this name in the cohort."""
    number = ModelVersion.objects.filter(experiment__cohort=experiment.cohort, name=name).count() + 1
    rows = {path: {"key": file.key, "sha256": file.sha256, "size": file.size} for path, file in files.items()}
    return ModelVersion.objects.create(experiment=experiment, name=name, number=number, files=rows, metrics=metrics)
