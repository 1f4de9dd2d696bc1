"""Changing what is known of a patient: clinical values, and a coordinator's word over the criteria."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from backend.cohorts.access import cohort_view
from backend.cohorts.clinical_forms import ClinicalForm, OverrideForm
from backend.cohorts.clinical_records import record_clinical
from backend.cohorts.eligibility_log import lift_override, override_eligibility
from backend.cohorts.models import Patient, Role
from backend.cohorts.selectors import patient_of
from backend.core.errors import Conflict, DomainError, InvalidInput
from backend.dashboards.selectors.patient import newest_record, require_seen


@cohort_view(Role.COORDINATOR, Role.PATHOLOGIST, blinded=True)
def clinical_edit(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """All values in one form; a change that somebody else made meanwhile is not overwritten."""
    patient = _seen_patient(request, pseudonym)
    newest = newest_record(patient)
    based_on = str(newest.pk) if newest else ""
    form = ClinicalForm(request.POST or None, instance=newest, initial={"based_on": based_on, "reason": ""})
    if request.method == "POST" and form.is_valid():
        try:
            _save(request, patient, form, based_on)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "The values are kept as a new record.")
            return redirect("dashboards:patient", slug=request.cohort.slug, pseudonym=patient.pseudonym)
    return render(request, "dashboards/clinical_form.html", {"form": form, "patient": patient})


def _save(request: HttpRequest, patient: Patient, form: ClinicalForm, based_on: str) -> None:
    if form.cleaned_data["based_on"] != based_on:
        raise Conflict("Somebody changed these values while this form was open: load the page again and repeat yours.")
    reason = form.cleaned_data["reason"]
    kept = record_clinical(patient=patient, values=form.values(), source="form", actor=request.user, reason=reason)
    if kept is None:
        raise Conflict("Nothing differs from the current values.")


@cohort_view(Role.COORDINATOR, blinded=True)
@require_POST
def eligibility_override(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Sets the state over the criteria, with a reason."""
    patient = _seen_patient(request, pseudonym)
    form = OverrideForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Choose a state and say why the criteria are overruled.")
    override_eligibility(patient=patient, actor=request.user, **form.cleaned_data)
    messages.success(request, "The state is set; it holds until the criteria are let decide again.")
    return _back(request, patient)


@cohort_view(Role.COORDINATOR, blinded=True)
@require_POST
def eligibility_lift(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Lets the criteria decide again."""
    patient = _seen_patient(request, pseudonym)
    decision = lift_override(patient=patient, reason=request.POST.get("reason", ""), actor=request.user)
    messages.success(request, f"The criteria decide again: {decision.get_state_display().lower()}.")
    return _back(request, patient)


def _seen_patient(request: HttpRequest, pseudonym: str) -> Patient:
    patient = patient_of(request.cohort, pseudonym)
    require_seen(request.user, request.roles, patient)
    return patient


def _back(request: HttpRequest, patient: Patient) -> HttpResponse:
    page = reverse("dashboards:patient", kwargs={"slug": request.cohort.slug, "pseudonym": patient.pseudonym})
    return redirect(f"{page}#eligibility")
