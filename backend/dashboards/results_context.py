"""What every page of results shows beside its own: the experiment, its dataset and figures, the jobs that feed it."""

from collections.abc import Iterable
from uuid import UUID

from django.http import HttpRequest

from backend.cohorts.models import Cohort
from backend.core.errors import NotFound
from backend.dashboards.results_access import MAY_START
from backend.experiments.models import Experiment, ExperimentKind, Figure
from backend.experiments.services.requests import latest_experiment
from backend.jobs.models import Job, JobKind, JobState
from backend.jobs.selectors import jobs_of_cohort


def page_context(request: HttpRequest, *kinds: JobKind) -> dict:
    """``may_start`` and the jobs of these kinds that a person should see: those in flight and the newest failure."""
    may_start = bool(request.roles & MAY_START)
    return {"may_start": may_start, "jobs": shown_jobs(request.cohort, kinds) if may_start else []}


def shown_jobs(cohort: Cohort, kinds: Iterable[JobKind]) -> list[Job]:
    """Per kind what is in flight, else the newest job if it did not succeed: a success is on the page itself."""
    rows = jobs_of_cohort(cohort.pk).filter(kind__in=list(kinds)).defer("log", "inputs", "result")
    shown = list(rows.in_flight()[:6])
    busy = {job.kind for job in shown}
    newest = rows.order_by("kind", "-created_at").distinct("kind")
    return shown + [job for job in newest if job.kind not in busy and job.state != JobState.SUCCEEDED]


def chosen_experiment(request: HttpRequest, kind: ExperimentKind) -> Experiment | None:
    """The experiment of ``?experiment=``, else the newest of the kind. Raises NotFound for one of another cohort."""
    wanted = request.GET.get("experiment", "")
    if not wanted:
        return latest_experiment(request.cohort, kind)
    rows = Experiment.objects.filter(cohort=request.cohort, kind=kind).select_related("dataset_version")
    experiment = rows.filter(pk=wanted).first() if _is_uuid(wanted) else None
    if experiment is None:
        raise NotFound("There is no such experiment in this cohort.")
    return experiment


def experiments_of(cohort: Cohort, kind: ExperimentKind) -> list[Experiment]:
    """All that can be chosen, newest first, without their results."""
    rows = Experiment.objects.filter(cohort=cohort, kind=kind).select_related("dataset_version")
    if kind == ExperimentKind.CLASSIFICATION:
        rows = rows.filter(based_on__isnull=True)
    return list(rows.defer("results", "settings")[:50])


def figures_of(experiment: Experiment | None) -> dict[str, Figure]:
    """By key, without the declarations: a page only links to them."""
    if experiment is None:
        return {}
    return {figure.key: figure for figure in experiment.figures.defer("spec")}


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
