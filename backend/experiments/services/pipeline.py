"""The computing steps of a cohort in order; each starts the jobs that are missing and refuses what cannot be yet."""

from collections.abc import Callable
from dataclasses import dataclass

from backend.accounts.models import User
from backend.annotations.models import Consensus, MaskSource, Target
from backend.annotations.reader_agreement import cases_compared
from backend.annotations.selectors import current_consensus, newest_mask
from backend.annotations.services.adjudicating import enqueue_measurement
from backend.annotations.services.consensus import enqueue_consensus
from backend.cohorts.models import Cohort, DatasetVersion
from backend.core.errors import Conflict, DomainError
from backend.experiments.models import Experiment, ExperimentKind
from backend.experiments.services import requests
from backend.experiments.services.datasets import collect_candidates, enqueue_freeze
from backend.experiments.staleness import agreement_is_old
from backend.features.selectors import current_feature_sets
from backend.features.services.extraction import enqueue_extraction
from backend.imaging.models import Case
from backend.jobs.models import Job


@dataclass(frozen=True, kw_only=True)
class Stage:
    """``start`` queues the stage's jobs and returns them; ``weight`` is its share of the time."""

    title: str
    start: Callable[[Cohort], list[Job]]
    weight: float


def start_consensus(cohort: Cohort) -> list[Job]:
    """For every case with a reading and without a consensus."""
    cases = [case for case in _cases(cohort) if current_consensus(case, Target.TUMOUR) is None]
    return _every(cases, lambda case: enqueue_consensus(case, target=Target.TUMOUR, actor=None))


def start_measurement(cohort: Cohort) -> list[Job]:
    """For every signed tumour of which nothing was measured."""
    signed = Consensus.objects.standing().filter(
        case__patient__cohort=cohort,
        target=Target.TUMOUR,
        is_signed=True,
        mask__isnull=False,
        statistics={},
        measurement__isnull=True,
    )
    return [enqueue_measurement(row, None) for row in signed.select_related("case__patient")]


def start_agreement(cohort: Cohort) -> list[Job]:
    """Unless nothing was read, or nothing has changed since the readers were compared."""
    newest = requests.latest_experiment(cohort, ExperimentKind.AGREEMENT)
    is_current = newest is not None and not agreement_is_old(newest)
    if is_current or not cases_compared(cohort):
        return []
    return [requests.enqueue_agreement(cohort, actor=None)]


def start_extraction(cohort: Cohort, *, actor: User | None = None) -> list[Job]:
    """For every case with a consensus and without features."""
    cases = _cases(cohort)
    done = {row.case_id for row in current_feature_sets(Case.objects.filter(patient__cohort=cohort))}
    return _every([case for case in cases if case.pk not in done], lambda case: enqueue_extraction(case, actor=actor))


def start_automatic_extraction(cohort: Cohort, *, actor: User | None = None) -> list[Job]:
    """For every case with an automatic ROI whose features are not there yet."""
    extracted = current_feature_sets(Case.objects.filter(patient__cohort=cohort), roi="automatic")
    done = {(row.case_id, row.mask_id) for row in extracted}
    waiting = []
    for case in _cases(cohort):
        mask = newest_mask(case, Target.TUMOUR, MaskSource.NNUNET)
        if mask and (case.pk, mask.pk) not in done:
            waiting.append(case)
    return _every(waiting, lambda case: enqueue_extraction(case, roi="automatic", actor=actor))


def start_freeze(cohort: Cohort) -> list[Job]:
    """Unless the newest version is what would be frozen now."""
    newest = cohort.dataset_versions.order_by("-number").first()
    if newest and _frozen_features(newest) == _features_now(cohort):
        return []
    return [enqueue_freeze(cohort, actor=None)]


def _frozen_features(dataset: DatasetVersion) -> set[tuple[str, str]]:
    members = dataset.members.select_related("patient")
    return {(member.patient.pseudonym, entry["id"]) for member in members for entry in member.feature_sets.values()}


def _features_now(cohort: Cohort) -> set[tuple[str, str]]:
    members = collect_candidates(cohort).members
    return {(member.patient.pseudonym, str(row.pk)) for member in members for row in member.feature_sets.values()}


def start_analyses(cohort: Cohort) -> list[Job]:
    """What stands on the dataset alone, side by side; what has been made of this dataset is not made again."""
    dataset = _dataset(cohort)
    made = set(Experiment.objects.filter(dataset_version=dataset).values_list("kind", flat=True))
    wanted = {
        ExperimentKind.SEGMENTATION: requests.enqueue_segmenter,
        ExperimentKind.CLASSIFICATION: requests.enqueue_classifiers,
        ExperimentKind.STATISTICS: requests.enqueue_statistics,
    }
    jobs = [enqueue(dataset, actor=None) for kind, enqueue in wanted.items() if kind not in made]
    return [*jobs, requests.enqueue_summary(cohort, actor=None)]


def start_segmentation(cohort: Cohort) -> list[Job]:
    return [requests.enqueue_segmentation(_experiment(cohort, ExperimentKind.SEGMENTATION), actor=None)]


def start_clustering(cohort: Cohort) -> list[Job]:
    trained = _experiment(cohort, ExperimentKind.CLASSIFICATION)
    if trained.derived.filter(kind=ExperimentKind.CLUSTERING).exists():
        return []
    return [requests.enqueue_clustering(trained, actor=None)]


def start_automatic_evaluation(cohort: Cohort) -> list[Job]:
    trained = _experiment(cohort, ExperimentKind.CLASSIFICATION)
    if trained.derived.filter(kind=ExperimentKind.CLASSIFICATION).exists():
        return []
    return [requests.enqueue_automatic_evaluation(trained, actor=None)]


STAGES = (
    Stage(title="Building consensus", start=start_consensus, weight=20),
    Stage(title="Measuring signed consensuses", start=start_measurement, weight=1),
    Stage(title="Comparing the readers", start=start_agreement, weight=4),
    Stage(title="Extracting features", start=start_extraction, weight=140),
    Stage(title="Freezing the dataset", start=start_freeze, weight=2),
    Stage(title="Training", start=start_analyses, weight=150),
    Stage(title="Clustering", start=start_clustering, weight=10),
    Stage(title="Segmenting", start=start_segmentation, weight=40),
    Stage(title="Extracting automatic features", start=start_automatic_extraction, weight=60),
    Stage(title="Evaluating automatic ROIs", start=start_automatic_evaluation, weight=5),
)


def _cases(cohort: Cohort) -> list[Case]:
    return list(Case.objects.filter(patient__cohort=cohort).select_related("patient__cohort", "ct", "pet"))


def _every(cases: list[Case], start: Callable[[Case], Job]) -> list[Job]:
    """A case that refuses (no reading yet) is left for a person; only if all do is it an error."""
    jobs, refusal = [], None
    for case in cases:
        try:
            jobs.append(start(case))
        except DomainError as error:
            refusal = error
    if refusal and not jobs:
        raise refusal
    return jobs


def _dataset(cohort: Cohort) -> DatasetVersion:
    dataset = cohort.dataset_versions.order_by("-number").first()
    if dataset is None:
        raise Conflict("There is no frozen dataset yet: freeze one first.")
    return dataset


def _experiment(cohort: Cohort, kind: ExperimentKind):
    experiment = requests.latest_experiment(cohort, kind)
    if experiment is None:
        raise Conflict(f"There is no finished experiment of the kind {kind.label} yet: start its job first.")
    return experiment
