"""One clinical table on its way: its columns' meaning, its cells to correct, and its import."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from backend.cohorts.access import cohort_view
from backend.cohorts.clinical_forms import ImportReasonForm
from backend.cohorts.clinical_mappings import fitting_mappings, remember_mapping
from backend.cohorts.clinical_models import OPEN_STATES, ClinicalTable, TableState
from backend.cohorts.clinical_tables import (
    check_table,
    discard_table,
    import_table,
    look_at,
    newest_job,
    read_again,
    table_of,
)
from backend.cohorts.import_fields import BY_NAME
from backend.cohorts.mapping_forms import EncodingForm, MappingForm, posted_mapping
from backend.cohorts.models import Role
from backend.core.errors import DomainError, InvalidInput
from backend.core.lists import page_of, table_response

PROBLEMS_PER_PAGE = 50
PROBLEM_COLUMNS = ("row", "column", "header", "field", "what is wrong, and what is accepted")
_AT_WORK = (TableState.RECEIVED, TableState.CHECKING, TableState.IMPORTING)


@cohort_view(Role.COORDINATOR)
def clinical_table(request: HttpRequest, table_id: UUID) -> HttpResponse:
    """Where the table stands and what to do next; ``?column=`` filters its problems, ``?export=csv`` downloads them."""
    table = table_of(request.cohort, table_id)
    problems = _problems(request, table)
    if request.GET.get("export") == "csv":
        rows = ([p["row"], p["letter"], p["header"], p["field"], p["reason"]] for p in problems)
        return table_response("csv", PROBLEM_COLUMNS, rows, name=f"petra-{request.cohort.slug}-cells-to-correct")
    job = newest_job(table)
    context = {
        "table": table,
        "job": job,
        "is_at_work": table.state in _AT_WORK and job is not None and not job.is_over,
        # Its worker died for good or a person cancelled it: the table waits where it was.
        "is_stranded": table.state in _AT_WORK and (job is None or job.is_over),
        "is_open": table.state in OPEN_STATES,
        "page": page_of(request, problems, rows_per_page=PROBLEMS_PER_PAGE),
        "problem_fields": sorted({p["field"] for p in table.problems}),
        "chosen_field": request.GET.get("column", ""),
        "titles": {name: field.title for name, field in BY_NAME.items()},
        "reason_form": ImportReasonForm(initial={"reason": _usual_reason(table)}),
        "patients": [
            (pseudonym, _titled(change))
            for pseudonym, change in list(table.outcome.get("patients", {}).items())[:PROBLEMS_PER_PAGE]
        ],
    }
    return render(request, "cohorts/clinical_table.html", context)


def _titled(change: str) -> str:
    """The fields that a row changes, in the words of the clinic."""
    lead, _, names = change.rpartition(": ")
    titles = [BY_NAME[name].title if name in BY_NAME else name for name in names.split(", ")]
    return f"{lead}: {', '.join(titles)}" if lead else ", ".join(titles)


def _problems(request: HttpRequest, table: ClinicalTable) -> list[dict]:
    chosen = request.GET.get("column", "")
    found = [problem for problem in table.problems if chosen in ("", problem["field"])]
    return [{**p, "title": BY_NAME[p["field"]].title if p["field"] in BY_NAME else p["field"]} for p in found]


def _usual_reason(table: ClinicalTable) -> str:
    name = f", mapping {table.mapping_name}" if table.mapping_name else ""
    return f"Clinical table of {table.created_at:%Y-%m-%d}{name}"


@cohort_view(Role.COORDINATOR)
def clinical_mapping(request: HttpRequest, table_id: UUID) -> HttpResponse:
    """What each column means. ``?use=NAME`` starts from a remembered mapping; a turned select shows its details."""
    table = table_of(request.cohort, table_id)
    if table.state not in OPEN_STATES:
        return redirect("cohorts:clinical_table", slug=request.cohort.slug, table_id=table.pk)
    look = look_at(table)
    fitting = fitting_mappings(request.cohort, [column["header"] for column in look["columns"]])
    name, start = _start(request, table, fitting)
    if request.method == "POST" and request.htmx:
        changed = request.POST.get("changed", "")
        start = posted_mapping(look, start, request.POST, changed=changed)
        form = MappingForm(look=look, mapping=start, mapping_name=request.POST.get("remember", ""))
    elif request.method == "POST":
        form = MappingForm(request.POST, look=look, mapping=start, mapping_name=name)
        if form.is_valid() and _check(request, table, form):
            return redirect("cohorts:clinical_table", slug=request.cohort.slug, table_id=table.pk)
    else:
        form = MappingForm(look=look, mapping=start, mapping_name=name)
    context = {
        "table": table,
        "form": form,
        "look": look,
        "fitting": fitting,
        "used": name,
        "encoding_form": EncodingForm(initial={"encoding": look["encoding"]}),
    }
    return render(request, "cohorts/clinical_mapping.html", context)


def _start(request: HttpRequest, table: ClinicalTable, fitting: list) -> tuple[str, dict]:
    """(name, mapping) to begin with: what was asked for, what the table has, or the remembered one that fits best."""
    asked = request.GET.get("use")
    proposed = table.mapping or {}
    if asked is not None:
        chosen = next((row for row in fitting if row.name == asked), None)
        return (chosen.name, chosen.mapping) if chosen else ("", proposed)
    if table.state == TableState.READ and fitting and not table.mapping_name:
        return fitting[0].name, fitting[0].mapping
    return table.mapping_name, proposed


def _check(request: HttpRequest, table: ClinicalTable, form: MappingForm) -> bool:
    mapping, name = form.to_mapping(), form.cleaned_data["remember"].strip()
    try:
        if name:
            remember_mapping(cohort=request.cohort, name=name, mapping=mapping, actor=request.user)
        check_table(table=table, mapping=mapping, mapping_name=name, actor=request.user)
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    return True


@cohort_view(Role.COORDINATOR)
@require_POST
def clinical_encoding(request: HttpRequest, table_id: UUID) -> HttpResponse:
    """Reads the columns again under another encoding."""
    table = table_of(request.cohort, table_id)
    form = EncodingForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Choose one of the encodings.")
    read_again(table=table, encoding=form.cleaned_data["encoding"], actor=request.user)
    return redirect("cohorts:clinical_table", slug=request.cohort.slug, table_id=table.pk)


@cohort_view(Role.COORDINATOR)
@require_POST
def clinical_table_import(request: HttpRequest, table_id: UUID) -> HttpResponse:
    table = table_of(request.cohort, table_id)
    import_table(table=table, reason=request.POST.get("reason", ""), actor=request.user)
    return redirect("cohorts:clinical_table", slug=request.cohort.slug, table_id=table.pk)


@cohort_view(Role.COORDINATOR)
@require_POST
def clinical_table_discard(request: HttpRequest, table_id: UUID) -> HttpResponse:
    discard_table(table=table_of(request.cohort, table_id), actor=request.user)
    messages.success(request, "The table is erased; nothing of it was imported.")
    return redirect("cohorts:clinical_import", slug=request.cohort.slug)
