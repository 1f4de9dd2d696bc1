"""Statistics: the sixteen volcanoes, and the strongest features of the one that is chosen."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from backend.audit.access_log import record_view
from backend.dashboards.csv_download import csv_response
from backend.dashboards.results_access import results_view
from backend.dashboards.results_context import chosen_experiment, experiments_of, figures_of, page_context
from backend.dashboards.selectors.model_tables import in_order, title_of
from backend.experiments.models import ExperimentKind
from backend.jobs.models import JobKind

ALL_CANCERS = "all"
COLUMNS = (
    "feature", "p", "q", "test", "log2_fold_change", "hedges_g", "mean_negative", "mean_positive", "n_negative",
    "n_positive",
)  # fmt: skip


@results_view()
def statistics(request: HttpRequest) -> HttpResponseBase:
    """``?source=…&cancer=…`` chooses a panel; ``?export=csv`` downloads its strongest features."""
    found = chosen_experiment(request, ExperimentKind.STATISTICS)
    panels = _ordered(found.results["panels"]) if found else []
    panel = _chosen(panels, request)
    if panel and request.GET.get("export") == "csv":
        record_view(request, found, action="export", source=panel["source"], cancer=panel["cancer"])
        rows = ([row.get(column) for column in COLUMNS] for row in panel["strongest"])
        name = f"petra-{request.cohort.slug}-{panel['source']}-{panel['cancer']}"
        return csv_response(COLUMNS, rows, name=name)
    figures = figures_of(found)
    context = {
        "experiment": found,
        "experiments": experiments_of(request.cohort, ExperimentKind.STATISTICS),
        "dataset": request.cohort.dataset_versions.order_by("-number").first(),
        "figures": figures,
        "sources": {source: title_of(source) for source in dict.fromkeys(row["source"] for row in panels)},
        "cancers": list(dict.fromkeys(row["cancer"] for row in panels)),
        "grid": _grid(panels),
        "panel": _shown(panel) if panel else None,
        "panel_figure": figures.get(f"volcano_{panel['source']}_{panel['cancer']}") if panel else None,
    }
    page = page_context(request, JobKind.COMPUTE_STATISTICS)
    return render(request, "experiments/statistics.html", {**context, **page})


def _ordered(panels: list[dict]) -> list[dict]:
    """Cancer by cancer with all together last, the sources in the paper's order."""
    sources = in_order({panel["source"] for panel in panels})
    return sorted(panels, key=lambda p: (p["cancer"] == ALL_CANCERS, p["cancer"], sources.index(p["source"])))


def _chosen(panels: list[dict], request: HttpRequest) -> dict | None:
    """The panel of the address, else the first source over all cancers, else what could be computed."""
    wanted = (request.GET.get("source"), request.GET.get("cancer"))
    chosen = [panel for panel in panels if (panel["source"], panel["cancer"]) == wanted]
    computed = [panel for panel in panels if not panel["reason"]]
    over_all = [panel for panel in computed if panel["cancer"] == ALL_CANCERS]
    return next(iter(chosen or over_all or computed or panels), None)


def _shown(panel: dict) -> dict:
    """The panel with its title; the feature's name without the source that the panel is of."""
    rows = [{**row, "feature": row["feature"].split("__")[-1]} for row in panel["strongest"]]
    return {**panel, "title": title_of(panel["source"]), "strongest": rows}


def _grid(panels: list[dict]) -> list[dict]:
    """A row per cancer: how many features of each source have q below 0.05, or why none was compared."""
    cancers = dict.fromkeys(panel["cancer"] for panel in panels)
    return [{"cancer": cancer, "panels": [p for p in panels if p["cancer"] == cancer]} for cancer in cancers]
