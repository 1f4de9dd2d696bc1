"""The page of one patient: state and criteria, clinical values, p53, images, readings and features."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from backend.audit.access_log import record_view
from backend.cohorts.access import cohort_view
from backend.cohorts.clinical_fields import shown_changes, shown_groups_with_history
from backend.cohorts.clinical_forms import OverrideForm
from backend.cohorts.clinical_records import clinical_history, stage_input_problem
from backend.cohorts.models import Patient, PatientState, Role
from backend.cohorts.selectors import patient_of
from backend.cohorts.services import current_rules
from backend.dashboards.selectors.patient import (
    case_sections,
    eligibility_section,
    feature_rows,
    findings_of,
    newest_record,
    p53_section,
    studies_of,
    why_hidden,
)
from backend.dashboards.views.withdrawal import withdrawn_page
from backend.pathology.models import SlidePhotograph


@cohort_view()
def patient_page(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Readers see the images and their own work; everybody else what blinding leaves."""
    patient = patient_of(request.cohort, pseudonym, withdrawn_too=True)
    if patient.enrolment.state == PatientState.WITHDRAWN:
        return withdrawn_page(request, patient)
    record_view(request, patient)
    hidden = why_hidden(request.user, request.roles, patient)
    context = {
        "patient": patient,
        "hidden": hidden,
        # Pathologists read slides; the cases are not theirs to open.
        "opens_cases": bool(request.roles - {Role.PATHOLOGIST}),
        "studies": studies_of(patient),
        "findings": findings_of(patient),
        "cases": case_sections(request.user, request.roles, patient),
        **({} if hidden else _outcomes(request, patient)),
    }
    return render(request, "dashboards/patient.html", context)


def _outcomes(request: HttpRequest, patient: Patient) -> dict:
    rules, record = current_rules(request.cohort), newest_record(patient)
    newest_case = patient.cases.order_by("-created_at").first()
    history = clinical_history(patient)
    return {
        "eligibility": eligibility_section(patient, rules),
        "override_form": OverrideForm(initial={"state": patient.enrolment.state}),
        "record": record,
        "clinical_groups": list(shown_groups_with_history(record, history)) if record else [],
        "stage_problem": stage_input_problem(record) if record else "",
        "history": [{**entry, "changes": shown_changes(entry["changes"])} for entry in history],
        "p53": p53_section(request.user, request.roles, patient, rules),
        "photographs": SlidePhotograph.objects.filter(specimen__patient=patient, erased_at__isnull=True),
        "features": feature_rows(newest_case) if newest_case else [],
    }
