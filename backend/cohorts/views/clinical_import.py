"""Sending a clinical table, the tables before, templates, and the mappings that the cohort remembers."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from backend.cohorts.access import cohort_view
from backend.cohorts.clinical_forms import ClinicalImportForm
from backend.cohorts.clinical_mappings import forget_mapping, mappings_of
from backend.cohorts.clinical_models import ClinicalMapping, ClinicalTable
from backend.cohorts.clinical_tables import receive_table
from backend.cohorts.clinical_template import XLSX_TYPE, csv_template, xlsx_template
from backend.cohorts.import_fields import IMPORT_FIELDS
from backend.cohorts.models import Role
from backend.core.errors import DomainError, NotFound
from backend.core.lists import page_of

TABLES_PER_PAGE = 20


@cohort_view(Role.COORDINATOR)
def clinical_import(request: HttpRequest) -> HttpResponse:
    """The form; a sent table is followed on its own page."""
    form = ClinicalImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            table = receive_table(cohort=request.cohort, chunks=form.cleaned_data["file"].chunks(), actor=request.user)
        except DomainError as error:
            form.add_error("file", str(error))
        else:
            return redirect("cohorts:clinical_table", slug=request.cohort.slug, table_id=table.pk)
    tables = ClinicalTable.objects.filter(cohort=request.cohort).select_related("sent_by").defer("problems", "mapping")
    context = {
        "form": form,
        "page": page_of(request, tables, rows_per_page=TABLES_PER_PAGE),
        "mappings": mappings_of(request.cohort),
        "fields": IMPORT_FIELDS,
    }
    return render(request, "cohorts/clinical_import.html", context)


@cohort_view(Role.COORDINATOR)
def clinical_template(request: HttpRequest, form: str) -> HttpResponse:
    """An empty table with PETRA's own columns, as CSV or as a workbook that explains and checks them."""
    if form not in ("csv", "xlsx"):
        raise NotFound("A template is there as csv and as xlsx.")
    content = csv_template() if form == "csv" else xlsx_template()
    kind = "text/csv; charset=utf-8" if form == "csv" else XLSX_TYPE
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="petra-clinical-table.{form}"'
    return response


@cohort_view(Role.COORDINATOR)
@require_POST
def clinical_mapping_forget(request: HttpRequest, mapping_id: UUID) -> HttpResponse:
    found = ClinicalMapping.objects.filter(cohort=request.cohort, pk=mapping_id).first()
    if found is None:
        raise NotFound("There is no such mapping in this cohort.")
    forget_mapping(mapping=found, actor=request.user)
    messages.success(request, f"The mapping {found.name} is forgotten.")
    return redirect("cohorts:clinical_import", slug=request.cohort.slug)
