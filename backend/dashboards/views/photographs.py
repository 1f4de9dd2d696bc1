"""Photographs of slides: adding one, looking at one closely, and the pictures themselves."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from backend.audit.access_log import record_view
from backend.cohorts.access import cohort_view
from backend.cohorts.models import Role
from backend.cohorts.selectors import patient_of
from backend.core.errors import DomainError, NotFound
from backend.core.storage import read_bytes
from backend.dashboards.selectors.patient import require_seen
from backend.pathology.forms import PhotographForm
from backend.pathology.models import SlidePhotograph
from backend.pathology.services.photographs import add_photograph

# The width of the picture on the page; None is its own.
ZOOMS = {"fit": 960, "half": 0.5, "full": 1.0, "double": 2.0}
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
            patient=patient, stain=form.cleaned_data["stain"], file=file, size_bytes=file.size, actor=request.user
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The photograph is kept, without the camera's data.")


@cohort_view(*VIEWERS, blinded=True)
def photograph(request: HttpRequest, photograph_id: UUID) -> HttpResponse:
    """One photograph at a chosen size, to be scrolled."""
    found = _photograph(request, photograph_id)
    record_view(request, found)
    zoom = request.GET.get("zoom", "fit")
    factor = ZOOMS.get(zoom, ZOOMS["fit"])
    width_px = min(factor, found.width_px) if zoom == "fit" or zoom not in ZOOMS else round(factor * found.width_px)
    context = {
        "photograph": found,
        "patient": found.specimen.patient,
        "zoom": zoom if zoom in ZOOMS else "fit",
        "width_px": int(width_px),
        "zooms": [("fit", "Fit"), ("half", "50 %"), ("full", "100 %"), ("double", "200 %")],
    }
    return render(request, "pathology/photograph.html", context)


@cohort_view(*VIEWERS, blinded=True)
def photograph_image(request: HttpRequest, photograph_id: UUID) -> HttpResponse:
    return _picture(_photograph(request, photograph_id).storage_key)


@cohort_view(*VIEWERS, blinded=True)
def photograph_thumbnail(request: HttpRequest, photograph_id: UUID) -> HttpResponse:
    return _picture(_photograph(request, photograph_id).thumbnail_key)


def _photograph(request: HttpRequest, photograph_id: UUID) -> SlidePhotograph:
    rows = SlidePhotograph.objects.filter(pk=photograph_id, specimen__patient__cohort=request.cohort)
    found = rows.select_related("specimen__patient__cohort").first()
    if found is None:
        raise NotFound("There is no such photograph in this cohort.")
    require_seen(request.user, request.roles, found.specimen.patient)
    return found


def _picture(key: str) -> HttpResponse:
    try:
        content = read_bytes(key)
    except FileNotFoundError as error:
        raise NotFound("This photograph is no longer kept: the patient's data were erased.") from error
    # It can be withdrawn from a person by blinding, so no shared cache and no long life.
    return HttpResponse(content, content_type="image/jpeg", headers={"Cache-Control": "private, max-age=300"})
