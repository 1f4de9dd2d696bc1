"""Frozen datasets: the versions, who would be in the next one, and what exactly is in each."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from backend.audit.access_log import record_view
from backend.cohorts.list_pages import cohort_list_context, exported
from backend.cohorts.services import current_protocol
from backend.core.lists import table_response
from backend.dashboards.dataset_filters import MemberFilter
from backend.dashboards.freezing import MOST_SHOWN, chosen_versions, difference_of, kept_preview
from backend.dashboards.listings import MEMBERS_OF_DATASET
from backend.dashboards.results_access import MAY_START, results_view
from backend.dashboards.results_context import page_context
from backend.dashboards.selectors.datasets import (
    dataset_of,
    dataset_versions,
    member_rows,
    members_of,
)
from backend.experiments.kept_staleness import attach_kept_staleness
from backend.experiments.models import Experiment
from backend.experiments.sealed_looks import looks_at, looks_by_version
from backend.features.models import Source
from backend.jobs.models import JobKind


@results_view()
def datasets(request: HttpRequest) -> HttpResponseBase:
    """All versions, newest first."""
    versions = list(dataset_versions(request.cohort))
    attach_kept_staleness(request.cohort.pk, versions)
    looks = looks_by_version(versions)
    for version in versions:
        version.looks = looks[version.pk]
    context = {"versions": versions}
    return render(request, "experiments/datasets.html", {**context, **page_context(request, JobKind.FREEZE_DATASET)})


@results_view(MAY_START)
def freeze_preview(request: HttpRequest) -> HttpResponseBase:
    """Who would be in a version frozen now and who would not and why, and what differs from the last one."""
    context = {
        **kept_preview(request.cohort),
        "protocol": current_protocol(request.cohort),
        "last": request.cohort.dataset_versions.order_by("-number").first(),
    }
    return render(request, "experiments/freeze.html", {**context, **page_context(request, JobKind.FREEZE_DATASET)})


@results_view()
def compare(request: HttpRequest) -> HttpResponseBase:
    """``?before=1&after=2`` (numbers; ``after=now`` is what would be frozen); the last two where none is named."""
    versions = list(request.cohort.dataset_versions.select_related("protocol").order_by("-number"))
    chosen = chosen_versions(versions, request.GET)
    found = difference_of(request.cohort, *chosen) if chosen else None
    if found and (form := request.GET.get("export")):
        record_view(request, request.cohort, action="export", list="results:compare", format=form)
        name = f"petra-{request.cohort.slug}-{found.before}-{found.after}".replace(" ", "-").lower()
        return table_response(form, ["patient", "what", "before", "after"], found.rows(), name=name)
    context = {"versions": versions, "chosen": chosen, "difference": found, "most": MOST_SHOWN}
    return render(request, "experiments/compare.html", context)


@results_view()
def dataset_detail(request: HttpRequest, number: int) -> HttpResponseBase:
    """One version with its members; ``?export=csv`` or ``xlsx`` downloads those that the filters leave."""
    version = dataset_of(request.cohort, number)
    filterset = MemberFilter(request.GET, members_of(version))
    record_view(request, version)
    if file := exported(request, MEMBERS_OF_DATASET, filterset.qs, name=f"dataset-{number}", subject=version):
        return file
    listed = cohort_list_context(request, MEMBERS_OF_DATASET, filterset)
    context = {
        "version": version,
        "rows": member_rows(listed["page"]),
        "sources": [(f"{source.value}_sha256", source.label) for source in Source],
        "experiments": _experiments(request, version),
        "looks": looks_at(version)[:MOST_SHOWN],
        "look_count": looks_by_version([version])[version.pk],
    }
    return render(request, "experiments/dataset.html", {**listed, **context, **page_context(request)})


def _experiments(request: HttpRequest, version: object) -> list[Experiment]:
    """What was computed on the version; predictions are not for who reads p53."""
    if not request.roles - {"pathologist"}:
        return []
    return list(Experiment.objects.filter(dataset_version=version).defer("results", "settings")[:50])
