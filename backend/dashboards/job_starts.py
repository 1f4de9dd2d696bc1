"""Starting work by the name of its kind, for the API and for the buttons of pages: which subject, which service.

Each kind's own service checks whether it can start and refuses in a sentence; unknown parameters are refused here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet

from backend.accounts.models import User
from backend.annotations.blinding import BLINDED, is_blinded
from backend.annotations.models import Target
from backend.annotations.services.consensus import enqueue_consensus
from backend.cohorts.models import Cohort, DatasetVersion
from backend.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from backend.experiments.models import Experiment, ExperimentKind
from backend.experiments.services.datasets import enqueue_freeze
from backend.experiments.services.requests import (
    enqueue_agreement,
    enqueue_automatic_evaluation,
    enqueue_classifiers,
    enqueue_clustering,
    enqueue_segmentation,
    enqueue_segmenter,
    enqueue_statistics,
    enqueue_summary,
)
from backend.features.services.extraction import enqueue_extraction
from backend.imaging.models import Case, ImagingStudy
from backend.imaging.services.recording import enqueue_volumes
from backend.imaging.services.volumes import enqueue_bat_proposal
from backend.jobs.models import Job, JobKind

LARGEST_SEED = 2**32 - 1
ROIS = ("consensus", "automatic")


@dataclass(frozen=True, kw_only=True)
class Start:
    """How a kind of work starts: its possible subjects in a cohort, and the service that queues it."""

    subjects: Callable[[Cohort], QuerySet]
    run: Callable[..., Job]
    missing: str
    takes: tuple[str, ...] = ()
    subject_must_be_named: bool = False


def _datasets(cohort: Cohort) -> QuerySet:
    return DatasetVersion.objects.filter(cohort=cohort)


def _cohort(cohort: Cohort) -> QuerySet:
    return Cohort.objects.filter(pk=cohort.pk)


def _cases(cohort: Cohort) -> QuerySet:
    return Case.objects.filter(patient__cohort=cohort).select_related("patient")


def _experiments(kind: ExperimentKind) -> Callable[[Cohort], QuerySet]:
    return lambda cohort: Experiment.objects.filter(cohort=cohort, kind=kind)


def _start_consensus(case: Case, *, actor: User | None, target: str = Target.TUMOUR) -> Job:
    if actor and is_blinded(actor, case):
        raise Forbidden(f"You cannot settle this case. {BLINDED}")
    if target not in Target.values:
        raise InvalidInput(f"The target is {' or '.join(Target.values)}.")
    return enqueue_consensus(case, target=target, actor=actor)


def _studies(cohort: Cohort) -> QuerySet:
    return ImagingStudy.objects.filter(patient__cohort=cohort).select_related("patient")


_NO_DATASET = "Freeze a dataset first."
_NO_MODELS = "Train the TP53 models first."
_NO_CASE = "Name the case that the work is about."


def _classification(cohort: Cohort) -> QuerySet:
    """Trainings alone: an evaluation on other ROIs has no models of its own."""
    return _experiments(ExperimentKind.CLASSIFICATION)(cohort).filter(based_on__isnull=True)


STARTS: dict[str, Start] = {
    JobKind.FREEZE_DATASET: Start(subjects=_cohort, run=enqueue_freeze, missing=""),
    JobKind.SUMMARISE_COHORT: Start(subjects=_cohort, run=enqueue_summary, missing=""),
    JobKind.SUMMARISE_AGREEMENT: Start(subjects=_cohort, run=enqueue_agreement, missing=""),
    JobKind.TRAIN_CLASSIFIERS: Start(subjects=_datasets, run=enqueue_classifiers, missing=_NO_DATASET, takes=("seed",)),
    JobKind.COMPUTE_STATISTICS: Start(subjects=_datasets, run=enqueue_statistics, missing=_NO_DATASET),
    JobKind.TRAIN_SEGMENTER: Start(subjects=_datasets, run=enqueue_segmenter, missing=_NO_DATASET, takes=("size",)),
    JobKind.CLUSTER_FEATURES: Start(
        subjects=_classification, run=enqueue_clustering, missing=_NO_MODELS, takes=("seed",)
    ),
    JobKind.EVALUATE_AUTOMATIC_ROI: Start(
        subjects=_classification, run=enqueue_automatic_evaluation, missing=_NO_MODELS
    ),
    JobKind.SEGMENT_CASES: Start(
        subjects=_experiments(ExperimentKind.SEGMENTATION),
        run=enqueue_segmentation,
        missing="Train the segmentation first.",
    ),
    JobKind.BUILD_VOLUMES: Start(
        subjects=_studies, run=enqueue_volumes, missing="Name the study.", subject_must_be_named=True
    ),
    JobKind.PROPOSE_BAT: Start(subjects=_cases, run=enqueue_bat_proposal, missing=_NO_CASE, subject_must_be_named=True),
    JobKind.BUILD_CONSENSUS: Start(
        subjects=_cases, run=_start_consensus, missing=_NO_CASE, takes=("target",), subject_must_be_named=True
    ),
    JobKind.EXTRACT_FEATURES: Start(
        subjects=_cases, run=enqueue_extraction, missing=_NO_CASE, takes=("roi",), subject_must_be_named=True
    ),
}


def start_job(
    *,
    cohort: Cohort,
    kind: str,
    actor: User | None,
    subject_id: UUID | str | None = None,
    parameters: dict | None = None,
) -> Job:
    """Queues work on the named subject, or on the newest one where none is named. No actor: from the command line."""
    start = STARTS.get(kind)
    if start is None:
        raise InvalidInput(f"This work cannot be started like this; choose one of {', '.join(sorted(STARTS))}.")
    unknown = sorted(set(parameters or {}) - set(start.takes))
    if unknown:
        raise InvalidInput(f"{JobKind(kind).label} takes no {', '.join(unknown)}.")
    _check_values(parameters or {})
    return start.run(_subject(start, cohort, subject_id), actor=actor, **(parameters or {}))


def _check_values(parameters: dict) -> None:
    """Whatever JSON can hold may be sent; a job is not queued to fail on it."""
    seed, roi = parameters.get("seed", 0), parameters.get("roi", "consensus")
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed <= LARGEST_SEED:
        raise InvalidInput(f"The seed is a whole number from 0 to {LARGEST_SEED}.")
    if roi not in ROIS:
        raise InvalidInput(f"The ROI is {' or '.join(ROIS)}.")


def _subject(start: Start, cohort: Cohort, subject_id: UUID | str | None) -> Model:
    subjects = start.subjects(cohort)
    if subject_id:
        try:
            subject = subjects.filter(pk=subject_id).first()
        except ValidationError as error:
            raise InvalidInput("The subject is named by its identifier (UUID).") from error
        if subject is None:
            raise NotFound("There is nothing of this identifier in this cohort.")
        return subject
    subject = None if start.subject_must_be_named else subjects.order_by("-created_at").first()
    if subject is None:
        raise Conflict(start.missing)
    return subject
