"""Sending a clinical table, and what became of the tables before."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from backend.cohorts.access import cohort_view
from backend.cohorts.clinical_forms import ClinicalImportForm
from backend.cohorts.clinical_import import start_clinical_import
from backend.cohorts.models import Role
from backend.core.errors import DomainError
from backend.jobs.models import JobKind
from backend.jobs.selectors import jobs_of_cohort

SHOWN_IMPORTS = 10


@cohort_view(Role.COORDINATOR)
def clinical_import(request: HttpRequest) -> HttpResponse:
    """The form; a sent table is followed on the page of its job."""
    form = ClinicalImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            job = start_clinical_import(
                cohort=request.cohort,
                chunks=form.cleaned_data["file"].chunks(),
                dry_run=form.cleaned_data["dry_run"],
                actor=request.user,
            )
        except DomainError as error:
            form.add_error("file", str(error))
        else:
            return redirect("jobs:detail", slug=request.cohort.slug, job_id=job.pk)
    imports = jobs_of_cohort(request.cohort.pk).filter(kind=JobKind.IMPORT_CLINICAL).defer("log", "inputs")
    context = {"form": form, "imports": imports[:SHOWN_IMPORTS]}
    return render(request, "cohorts/clinical_import.html", context)
