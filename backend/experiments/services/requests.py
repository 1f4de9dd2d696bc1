"""Asking for analyses of a frozen dataset; each refuses in a sentence where what it stands on is not there yet."""

from backend.accounts.models import User
from backend.cohorts.models import Cohort, DatasetVersion
from backend.core.errors import Conflict
from backend.experiments.models import Experiment, ExperimentKind, ModelVersion
from backend.experiments.trainable import require_trainable
from backend.jobs.models import Job, JobKind
from backend.jobs.services import enqueue_job

DEFAULT_SEED = 2025
SEGMENTER = "segmenter"


def _enqueue(kind: JobKind, subject: DatasetVersion | Experiment | Cohort, cohort: Cohort, actor, **parameters) -> Job:
    return enqueue_job(kind=kind, subject=subject, cohort_uuid=cohort.pk, parameters=parameters, created_by=actor)


def enqueue_classifiers(dataset: DatasetVersion, *, actor: User | None, seed: int = DEFAULT_SEED) -> Job:
    """The four single-source models, the combined one and the baselines."""
    require_trainable(dataset)
    return _enqueue(JobKind.TRAIN_CLASSIFIERS, dataset, dataset.cohort, actor, seed=seed)


def enqueue_statistics(dataset: DatasetVersion, *, actor: User | None) -> Job:
    """The sixteen volcano plots."""
    return _enqueue(JobKind.COMPUTE_STATISTICS, dataset, dataset.cohort, actor)


def enqueue_clustering(classification: Experiment, *, actor: User | None, seed: int = DEFAULT_SEED) -> Job:
    """Clusters of the deep features of a trained combined model."""
    if not classification.results.get("deep_features"):
        raise Conflict("These models left no deep features: train the TP53 models again.")
    return _enqueue(JobKind.CLUSTER_FEATURES, classification, classification.cohort, actor, seed=seed)


def enqueue_segmenter(dataset: DatasetVersion, *, actor: User | None, size: str = "small") -> Job:
    """nnU-Net on the consensus masks, with the dataset's own folds. ``size`` is small (CPU) or paper (GPU)."""
    if size not in ("small", "paper"):
        raise Conflict("Choose the small recipe (for a CPU) or the paper's (for a GPU).")
    require_trainable(dataset)
    return _enqueue(JobKind.TRAIN_SEGMENTER, dataset, dataset.cohort, actor, size=size)


def enqueue_segmentation(segmentation: Experiment, *, actor: User | None) -> Job:
    """The automatic ROI of every patient of the dataset: out of fold in the training part, ensemble in the test set."""
    if not ModelVersion.objects.filter(experiment=segmentation, name=SEGMENTER).exists():
        raise Conflict("This experiment has no segmentation model: train one first.")
    return _enqueue(JobKind.SEGMENT_CASES, segmentation, segmentation.cohort, actor)


def enqueue_automatic_evaluation(classification: Experiment, *, actor: User | None) -> Job:
    """The combined model on features of the automatic ROIs."""
    if not ModelVersion.objects.filter(experiment=classification, name="combined").exists():
        raise Conflict("There is no combined model to evaluate: train the TP53 models first.")
    return _enqueue(JobKind.EVALUATE_AUTOMATIC_ROI, classification, classification.cohort, actor)


def enqueue_summary(cohort: Cohort, *, actor: User | None) -> Job:
    """Flow diagram, Table 1 and the distributions by cancer and TP53."""
    return _enqueue(JobKind.SUMMARISE_COHORT, cohort, cohort, actor)


def enqueue_agreement(cohort: Cohort, *, actor: User | None) -> Job:
    """How well the cohort's readers agree, by case and over all."""
    return _enqueue(JobKind.SUMMARISE_AGREEMENT, cohort, cohort, actor)


def latest_experiment(cohort: Cohort, kind: ExperimentKind) -> Experiment | None:
    """The newest finished experiment of a kind; what the dashboards show unless another is chosen.

    An evaluation of an older model on other ROIs is not a training of its own and is found through that model.
    """
    experiments = Experiment.objects.filter(cohort=cohort, kind=kind).select_related("dataset_version")
    if kind == ExperimentKind.CLASSIFICATION:
        experiments = experiments.filter(based_on__isnull=True)
    return experiments.first()
