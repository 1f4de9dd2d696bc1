"""A patient's withdrawal: the page that says what will be erased, asks for the pseudonym, and shows how far it is."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from backend.cohorts.access import cohort_view
from backend.cohorts.models import Patient, PatientState, Role, Withdrawal
from backend.cohorts.selectors import patient_of
from backend.cohorts.withdrawal import plan_withdrawal, request_withdrawal
from backend.core.errors import DomainError
from backend.dashboards.selectors.patient import require_seen
from backend.jobs.models import JobKind
from backend.jobs.selectors import latest_job


class WithdrawalForm(forms.Form):
    """The reason, and the pseudonym typed again: nothing of this can be taken back."""

    reason = forms.CharField(label="Reason", max_length=500, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    confirmation = forms.CharField(
        label="Pseudonym, typed again", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: object, patient: Patient, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient

    def clean_confirmation(self) -> str:
        typed = self.cleaned_data["confirmation"].strip()
        if typed != self.patient.pseudonym:
            raise forms.ValidationError(f"Type {self.patient.pseudonym} to say that you mean this patient.")
        return typed


@cohort_view(Role.COORDINATOR, blinded=True)
def withdraw(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Before: what goes and what stays. Afterwards: the tombstone."""
    patient = patient_of(request.cohort, pseudonym, withdrawn_too=True)
    if patient.enrolment.state == PatientState.WITHDRAWN:
        return withdrawn_page(request, patient)
    require_seen(request.user, request.roles, patient)
    form = WithdrawalForm(request.POST or None, patient=patient)
    if request.method == "POST" and form.is_valid():
        try:
            request_withdrawal(patient=patient, reason=form.cleaned_data["reason"], actor=request.user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{pseudonym} is withdrawn. What was known is being erased.")
            return redirect("dashboards:withdraw", slug=request.cohort.slug, pseudonym=pseudonym)
    datasets = patient.dataset_memberships.select_related("dataset_version").order_by("dataset_version__number")
    context = {"patient": patient, "form": form, "plan": plan_withdrawal(patient), "datasets": list(datasets)}
    return render(request, "dashboards/withdraw.html", context)


def withdrawn_page(request: HttpRequest, patient: Patient) -> HttpResponse:
    """The tombstone; the job is shown to whom its pages are open."""
    found = Withdrawal.objects.filter(patient=patient).select_related("requested_by").first()
    job = latest_job(kind=JobKind.ERASE_PATIENT, subject_id=str(patient.pk)) if _sees_jobs(request) else None
    return render(request, "dashboards/withdrawn.html", {"patient": patient, "withdrawal": found, "job": job})


def _sees_jobs(request: HttpRequest) -> bool:
    return bool(request.roles & {Role.COORDINATOR, Role.ANALYST})
