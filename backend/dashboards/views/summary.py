"""Summary of a cohort: flow of patients, Table 1 and uptake, as the newest summary job found them."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from backend.audit.access_log import record_view
from backend.dashboards.csv_download import csv_response
from backend.dashboards.results_access import results_view
from backend.dashboards.results_context import chosen_experiment, figures_of, page_context
from backend.dashboards.selectors.summaries import is_stale
from backend.experiments.models import Experiment, ExperimentKind
from backend.jobs.models import JobKind

GROUPINGS = {"cancer_type": "By cancer", "tp53": "By TP53 state"}
VARIABLES = {
    "age_years": "Age (years)",
    "bmi_kg_m2": "BMI (kg/m²)",
    "figo_stage": "FIGO stage",
    "lymph_node_metastasis": "Lymph node metastasis",
    "grade": "Grade",
    "histotype": "Histotype",
    "hpv_status": "HPV",
    "tp53": "TP53",
    "cancer_type": "Cancer",
}


@results_view()
def summary(request: HttpRequest) -> HttpResponseBase:
    """``?by=tp53`` groups Table 1 by TP53; ``?export=csv`` downloads the table that is shown."""
    found = chosen_experiment(request, ExperimentKind.SUMMARY)
    grouping = request.GET.get("by", "")
    grouping = grouping if grouping in GROUPINGS else "cancer_type"
    table = found.results["table_one"].get(grouping) if found else None
    if table and request.GET.get("export") == "csv":
        return _table_csv(request, found, table, grouping)
    context = {
        "experiment": found,
        "is_stale": is_stale(found),
        "figures": figures_of(found),
        "groupings": GROUPINGS,
        "grouping": grouping,
        "table": _titled(table) if table else None,
    }
    return render(request, "experiments/summary.html", {**context, **page_context(request, JobKind.SUMMARISE_COHORT)})


def _titled(table: dict) -> dict:
    """The table with words for its variables; a variable's name, test and p stand on its first line."""
    rows, previous = [], None
    for row in table["rows"]:
        is_first = row["variable"] != previous
        rows.append({**row, "title": VARIABLES.get(row["variable"], row["variable"]), "is_first": is_first})
        previous = row["variable"]
    groups = [{"title": name, "n": n} for name, n in zip(table["groups"], table["sizes"], strict=True)]
    return {"groups": groups, "rows": rows}


def _table_csv(request: HttpRequest, found: Experiment, table: dict, grouping: str) -> HttpResponseBase:
    record_view(request, found, action="export", table="table_one", by=grouping)
    sizes = [f"{name} (n = {n})" for name, n in zip(table["groups"], table["sizes"], strict=True)]
    columns = ["variable", "level", *sizes, "missing", "test", "p"]
    rows = (
        [
            VARIABLES.get(row["variable"], row["variable"]),
            row["level"],
            *row["cells"],
            row["missing"],
            row["test"],
            row["p"],
        ]
        for row in table["rows"]
    )
    return csv_response(columns, rows, name=f"petra-{request.cohort.slug}-table-1-by-{grouping}")
