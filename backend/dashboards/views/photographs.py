"""Photographs of slides: adding one, looking at one closely, and the pictures themselves."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from backend.annotations.blinding import may_see_readings
from backend.annotations.views.comparison import COMPARES
from backend.audit.access_log import record_view
from backend.cohorts.access import cohort_view
from backend.cohorts.models import Patient, Role
from backend.cohorts.selectors import patient_of
from backend.core.errors import DomainError, InvalidInput, NotFound
from backend.core.storage import read_bytes
from backend.dashboards.selectors.patient import require_seen
from backend.imaging.models import Case
from backend.pathology.forms import PhotographForm
from backend.pathology.models import IhcProposal, SlidePhotograph
from backend.pathology.services.erasing import erase_photograph
from backend.pathology.services.photographs import LIMIT_BYTES, add_photograph, decode_photograph
from backend.pathology.services.redaction import parse_redaction

PREVIEW_PX = 1400
VIEWERS = (Role.PATHOLOGIST, Role.COORDINATOR, Role.ANALYST, Role.ADJUDICATOR)


@cohort_view(Role.PATHOLOGIST, Role.COORDINATOR, blinded=True)
@require_POST
def photograph_add(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Keeps a photograph; what cannot be kept is said in a sentence."""
    patient = patient_of(request.cohort, pseudonym)
    require_seen(request.user, request.roles, patient)
    form = PhotographForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, "Choose a JPEG, PNG or TIFF picture and its stain.")
    else:
        _add(request, patient, form)
    return redirect("pathology:patient", slug=request.cohort.slug, pseudonym=patient.pseudonym)


def _add(request: HttpRequest, patient, form: PhotographForm) -> None:
    file = form.cleaned_data["file"]
    try:
        add_photograph(
            patient=patient,
            stain=form.cleaned_data["stain"],
            file=file,
            size_bytes=file.size,
            actor=request.user,
            redaction=parse_redaction(form.cleaned_data["blanks"], form.cleaned_data["crop"]),
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The photograph is kept, without the camera's data.")


@cohort_view(Role.PATHOLOGIST, Role.COORDINATOR)
@require_POST
def photograph_preview(request: HttpRequest) -> HttpResponse:
    """A small picture of a file that the browser cannot show, to draw on before it is sent; nothing is kept."""
    file = request.FILES.get("file")
    if file is None or file.size > LIMIT_BYTES:
        raise InvalidInput(f"Choose a picture of at most {LIMIT_BYTES // 1024**2} MB.")
    picture = decode_photograph(file)
    picture.thumbnail((PREVIEW_PX, PREVIEW_PX))
    response = HttpResponse(content_type="image/jpeg", headers={"Cache-Control": "no-store"})
    picture.save(response, "JPEG", quality=85)
    return response


@cohort_view(*VIEWERS, blinded=True)
def photograph(request: HttpRequest, photograph_id: UUID) -> HttpResponse:
    """One photograph to zoom in; a pathologist counts nuclei in a region of a p53 stain."""
    found = photograph_of(request, photograph_id)
    record_view(request, found)
    may_count = Role.PATHOLOGIST in request.roles and found.stain == SlidePhotograph.Stain.P53_IHC
    proposals = list(IhcProposal.objects.filter(photograph=found, requested_by=request.user)) if may_count else []
    chosen = request.GET.get("proposal", "")
    context = {
        "photograph": found,
        "patient": found.specimen.patient,
        "may_count": may_count and not found.erased_at,
        "may_erase": bool(request.roles & {Role.PATHOLOGIST, Role.COORDINATOR}) and not found.erased_at,
        "proposals": proposals,
        "chosen": next((one for one in proposals if str(one.pk) == chosen), None),
    }
    return render(request, "pathology/photograph.html", context)


@cohort_view(Role.PATHOLOGIST, Role.COORDINATOR, blinded=True)
@require_POST
def photograph_erase(request: HttpRequest, photograph_id: UUID) -> HttpResponse:
    """Erases the pictures for good, with a reason."""
    found = photograph_of(request, photograph_id)
    patient = found.specimen.patient
    try:
        erase_photograph(photograph=found, reason=request.POST.get("reason", ""), actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The photograph is erased.")
    return redirect("pathology:patient", slug=request.cohort.slug, pseudonym=patient.pseudonym)


@cohort_view(*VIEWERS, blinded=True)
def side_by_side(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """H&E beside p53, with linked zoom: the newest of each, or those that the address names."""
    patient = patient_of(request.cohort, pseudonym)
    require_seen(request.user, request.roles, patient)
    record_view(request, patient)
    rows = SlidePhotograph.objects.filter(specimen__patient=patient, erased_at__isnull=True).exclude(tiles_key="")
    rows = list(rows.order_by("-created_at"))
    panes = []
    for stain, label in SlidePhotograph.Stain.choices:
        choices = [row for row in rows if row.stain == stain]
        chosen = next((row for row in choices if str(row.pk) == request.GET.get(stain)), None)
        shown = chosen or (choices[0] if choices else None)
        panes.append({"stain": stain, "label": label, "choices": choices, "photograph": shown})
    context = {"patient": patient, "panes": panes, "any": bool(rows), "case": _case_to_show(request, patient)}
    return render(request, "pathology/side_by_side.html", context)


def _case_to_show(request: HttpRequest, patient: Patient) -> Case | None:
    """The newest PET/CT, for who may see what was settled on it; a pathologist alone sees no images of it."""
    case = Case.objects.filter(patient=patient).order_by("-created_at").first()
    if case is None or not request.roles & frozenset(COMPARES):
        return None
    return case if may_see_readings(request.user, case, request.roles) else None


@cohort_view(*VIEWERS, blinded=True)
def photograph_image(request: HttpRequest, photograph_id: UUID) -> HttpResponse:
    return _picture(photograph_of(request, photograph_id).storage_key)


@cohort_view(*VIEWERS, blinded=True)
def photograph_thumbnail(request: HttpRequest, photograph_id: UUID) -> HttpResponse:
    return _picture(photograph_of(request, photograph_id).thumbnail_key)


def photograph_of(request: HttpRequest, photograph_id: UUID) -> SlidePhotograph:
    rows = SlidePhotograph.objects.filter(pk=photograph_id, specimen__patient__cohort=request.cohort)
    found = rows.select_related("specimen__patient__cohort").first()
    if found is None:
        raise NotFound("There is no such photograph in this cohort.")
    require_seen(request.user, request.roles, found.specimen.patient)
    return found


def _picture(key: str) -> HttpResponse:
    if not key:
        raise NotFound("This photograph is no longer kept: it was erased.")
    try:
        content = read_bytes(key)
    except FileNotFoundError as error:
        raise NotFound("This photograph is no longer kept: the patient's data were erased.") from error
    # It can be withdrawn from a person by blinding, so no shared cache and no long life.
    return HttpResponse(content, content_type="image/jpeg", headers={"Cache-Control": "private, max-age=300"})
