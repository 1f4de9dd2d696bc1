"""Starting a computing step from the page that shows its results; a refusal comes back to the page as a message."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from backend.core.errors import Conflict, InvalidInput
from backend.dashboards.job_starts import start_job
from backend.dashboards.results_access import MAY_START, results_view
from backend.experiments.services.pipeline import start_automatic_extraction, start_extraction
from backend.jobs.models import JobKind

PAGES = {
    JobKind.SUMMARISE_COHORT: "results:summary",
    JobKind.SUMMARISE_AGREEMENT: "results:agreement",
    JobKind.EXTRACT_FEATURES: "results:features",
    JobKind.FREEZE_DATASET: "results:datasets",
    JobKind.TRAIN_CLASSIFIERS: "results:models",
    JobKind.TRAIN_SEGMENTER: "results:models",
    JobKind.SEGMENT_CASES: "results:models",
    JobKind.EVALUATE_AUTOMATIC_ROI: "results:models",
    JobKind.CLUSTER_FEATURES: "results:clusters",
    JobKind.COMPUTE_STATISTICS: "results:statistics",
}


@results_view(MAY_START)
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """``kind``, ``subject`` where it is not the newest one, ``size`` of a segmenter, ``roi`` of an extraction."""
    kind = request.POST.get("kind", "")
    if kind not in PAGES:
        raise InvalidInput("This work is not started from a page of results: load the page again.")
    try:
        count = _start(request, kind)
    except Conflict as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _told(count))
    is_automatic = request.POST.get("roi") == "automatic"
    return redirect("results:models" if is_automatic else PAGES[kind], slug=request.cohort.slug)


def _start(request: HttpRequest, kind: str) -> int:
    """How many jobs were queued: features are one job per case, everything else is one job."""
    if kind == JobKind.EXTRACT_FEATURES:
        return _extract_all(request)
    parameters = {"size": size} if (size := request.POST.get("size")) else {}
    subject = request.POST.get("subject") or None
    start_job(cohort=request.cohort, kind=kind, actor=request.user, subject_id=subject, parameters=parameters)
    return 1


def _extract_all(request: HttpRequest) -> int:
    if request.POST.get("roi") == "automatic":
        jobs = start_automatic_extraction(request.cohort, actor=request.user)
        nothing = "No case has an automatic ROI yet: start Segment cases first."
    else:
        jobs = start_extraction(request.cohort, actor=request.user)
        nothing = "Every case with a consensus has its features already; there is nothing to extract."
    if not jobs:
        raise Conflict(nothing)
    return len(jobs)


def _told(count: int) -> str:
    if count == 1:
        return "The job is queued; its progress is shown here."
    return f"{count} jobs are queued; their progress is shown here and on the page Jobs."
