"""Reading p53: the pathologists' worklist, and the reads of one patient."""

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from backend.annotations.blinding import blinded_patient_ids
from backend.audit.access_log import record_view
from backend.cohorts.access import cohort_view
from backend.cohorts.list_pages import cohort_list_context, exported
from backend.cohorts.models import Patient, PatientState, Role
from backend.cohorts.selectors import patient_of
from backend.cohorts.services import current_rules
from backend.core.errors import DomainError
from backend.dashboards.pathology_columns import WORKLIST
from backend.dashboards.pathology_filters import WorklistFilter
from backend.dashboards.selectors.patient import newest_record, p53_section, require_seen
from backend.dashboards.selectors.stain_reading import attach_read_states, next_to_read
from backend.pathology.forms import IhcReadForm, PhotographForm, SequencingForm
from backend.pathology.models import IhcProposal, IhcRead, SlidePhotograph
from backend.pathology.selectors import rule_of
from backend.pathology.services.reads import sign_read

# p53 is the label that everything is trained on: whoever reads images has no business here, nor have analysts.
PATHOLOGY_ROLES = (Role.PATHOLOGIST, Role.COORDINATOR)


@cohort_view(*PATHOLOGY_ROLES)
def worklist(request: HttpRequest) -> HttpResponseBase:
    """Every patient, those without an own read first; how others read is not shown."""
    reads = IhcRead.objects.filter(specimen__patient=OuterRef("pk"), superseded_by__isnull=True)
    photographs = SlidePhotograph.objects.filter(specimen__patient=OuterRef("pk"))
    patients = Patient.objects.filter(cohort=request.cohort).select_related("enrolment", "centre")
    patients = patients.exclude(enrolment__state=PatientState.WITHDRAWN)
    patients = patients.exclude(pk__in=blinded_patient_ids(request.user, request.cohort)).annotate(
        read_by_me=Exists(reads.filter(reader=request.user)), is_read=Exists(reads), has_photographs=Exists(photographs)
    )
    rows = patients.order_by("read_by_me", "is_read", "pseudonym")
    filterset = WorklistFilter(request.GET, rows)
    if file := exported(request, WORKLIST, filterset.qs, name="p53"):
        return file
    context = cohort_list_context(request, WORKLIST, filterset)
    attach_read_states(context["page"], rule_of(current_rules(request.cohort)))
    first_open = next_to_read(rows, rule_of(current_rules(request.cohort)))
    return render(request, "pathology/worklist.html", {**context, "first_open": first_open})


@cohort_view(*PATHOLOGY_ROLES, blinded=True)
def patient_pathology(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """The read form for pathologists, the reads that may be seen, and the photographs."""
    patient = patient_of(request.cohort, pseudonym)
    require_seen(request.user, request.roles, patient)
    section = p53_section(request.user, request.roles, patient, current_rules(request.cohort))
    proposals = IhcProposal.objects.filter(photograph__specimen__patient=patient, requested_by=request.user)
    form = IhcReadForm(request.POST or None, instance=section.own, proposals=proposals)
    if request.method == "POST" and _may_sign(request) and form.is_valid() and _signed(request, patient, form):
        return redirect("pathology:patient", slug=request.cohort.slug, pseudonym=patient.pseudonym)
    record_view(request, patient)
    context = {
        "patient": patient,
        "p53": section,
        "form": form if _may_sign(request) else None,
        "superseded": _own_superseded(request, patient),
        "photographs": SlidePhotograph.objects.filter(specimen__patient=patient, erased_at__isnull=True).order_by(
            "created_at"
        ),
        "clinical": newest_record(patient),
        "photograph_form": PhotographForm(),
        "sequencing_form": SequencingForm() if section.own or not _may_sign(request) else None,
    }
    return render(request, "pathology/patient.html", context)


def _may_sign(request: HttpRequest) -> bool:
    return Role.PATHOLOGIST in request.roles


def _signed(request: HttpRequest, patient: Patient, form: IhcReadForm) -> bool:
    try:
        values = dict(form.cleaned_data)
        proposal = values.pop("proposal", None)
        read = sign_read(patient=patient, reader=request.user, values=values, proposal=proposal)
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    words = "Your correction is signed; it takes the place of your earlier read." if read.supersedes_id else ""
    messages.success(request, words or "Your read is signed.")
    return True


def _own_superseded(request: HttpRequest, patient: Patient) -> list[IhcRead]:
    own = IhcRead.objects.filter(specimen__patient=patient, reader=request.user, superseded_by__isnull=False)
    return list(own.select_related("reader").order_by("-created_at"))
