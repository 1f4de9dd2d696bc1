"""Agreement of a cohort's readers: cases with the worst first, ICC and figures, as the newest comparison found them."""

from types import SimpleNamespace

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from backend.audit.access_log import record_view
from backend.dashboards.agreement_filters import AgreementFilter
from backend.dashboards.csv_download import csv_response
from backend.dashboards.results_access import results_view
from backend.dashboards.results_context import chosen_experiment, experiments_of, figures_of, page_context
from backend.experiments.models import ExperimentKind
from backend.experiments.staleness import agreement_is_old
from backend.jobs.models import JobKind

CASES_PER_PAGE = 50
COLUMNS = (
    "pseudonym", "readings", "disagreement", "dice", "dice_min", "surface_dice", "hd95_mm", "volume_difference_percent",
    "kappa", "kappa_note",
)  # fmt: skip
OUTCOMES = ("lesions", "no_avid_tumour", "not_evaluable")


@results_view()
def agreement(request: HttpRequest) -> HttpResponseBase:
    """``?export=csv`` downloads the cases that the filters leave."""
    found = chosen_experiment(request, ExperimentKind.AGREEMENT)
    form = AgreementFilter(request.GET or None)
    rows = form.matches(found.results["cases"]) if found else []
    if found and request.GET.get("export") == "csv":
        record_view(request, found, action="export", rows=len(rows))
        cells = ([row[name] for name in COLUMNS] + [row["outcomes"][name] for name in OUTCOMES] for row in rows)
        return csv_response((*COLUMNS, *OUTCOMES), cells, name=f"petra-{request.cohort.slug}-agreement")
    figures = figures_of(found)
    context = {
        "experiment": found,
        "experiments": experiments_of(request.cohort, ExperimentKind.AGREEMENT),
        "is_old": agreement_is_old(found),
        "page": Paginator(rows, CASES_PER_PAGE).get_page(request.GET.get("page")),
        "filter": SimpleNamespace(form=form),
        "dice_figure": figures.get("dice_by_pair"),
        "volume_figures": [figure for key, figure in figures.items() if key.startswith("bland_altman")],
    }
    page = page_context(request, JobKind.SUMMARISE_AGREEMENT, JobKind.BUILD_CONSENSUS)
    return render(request, "experiments/agreement.html", {**context, **page})
