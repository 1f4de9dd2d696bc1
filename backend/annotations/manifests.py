"""What the viewer is told about a case: its volumes, the task, the revision to show and where to send what is drawn."""

from django.urls import reverse

from backend.annotations.models import Assignment, Mask, Reading
from backend.annotations.selectors import newest_revision, next_assignment, proposals_of
from backend.imaging.models import Case, PetAcquisition, Volume
from backend.imaging.services.volumes import current_offset

PROPOSAL_TITLES = {"bat_rule": "Brown fat by rule", "nnunet": "nnU-Net proposal"}
# Only the newest of each kind is offered: older ones would be taken by mistake.
OFFERED = 1


def assignment_manifest(assignment: Assignment, *, csrf_token: str, looked_at: Mask | None = None) -> dict:
    """A reader's own task; read-only once it is handed in, and while an older revision is looked at."""
    case, slug = assignment.case, assignment.case.patient.cohort.slug
    reading = assignment.readings.standing().first()
    own = {"slug": slug, "assignment_id": assignment.pk}
    follower = next_assignment(assignment)
    read_only_reason = _read_only_reason(reading, looked_at)
    return {
        **_images(case),
        "task": {
            "kind": assignment.target,
            "assignment_id": str(assignment.pk),
            "reader_id": str(assignment.reader_id),
            "state": "submitted" if reading else "open",
            "may_draw": not read_only_reason,
            "read_only_reason": read_only_reason,
        },
        "revision": _revision(looked_at or newest_revision(assignment), slug),
        "proposals": [] if read_only_reason else _proposals(case, assignment.target, slug),
        "urls": {
            "save": reverse("annotations:save", kwargs=own),
            "restore": reverse("annotations:restore", kwargs=own),
            "compare": reverse("annotations:compare", kwargs=own),
            "merge": reverse("annotations:merge", kwargs=own),
            "time": reverse("annotations:active_time", kwargs=own),
            "view": reverse("annotations:view", kwargs=own),
            "sign_in": reverse("account_login"),
            "submit": reverse("annotations:submit", kwargs=own),
            "offset": reverse("annotations:offset", kwargs={"slug": slug, "case_id": case.pk}),
            "next": view_url(follower) if follower else reverse("annotations:worklist", kwargs={"slug": slug}),
        },
        "csrf_token": csrf_token,
    }


def comparison_manifest(case: Case, *, shown: Mask | None, target: str, csrf_token: str) -> dict:
    """One mask of a case to look at: a reading, the consensus or a proposal. Nothing can be drawn."""
    slug = case.patient.cohort.slug
    back = reverse("cases:detail", kwargs={"slug": slug, "case_id": case.pk})
    return {
        **_images(case),
        "task": {
            "kind": target,
            "assignment_id": "",
            "reader_id": "",
            "state": "submitted",
            "may_draw": False,
            "read_only_reason": "This view compares what was handed in; nothing is drawn here.",
        },
        "revision": _revision(shown, slug),
        "proposals": [],
        "urls": {
            **dict.fromkeys(("save", "restore", "compare", "merge", "time", "view", "sign_in", "submit"), ""),
            "offset": reverse("annotations:offset", kwargs={"slug": slug, "case_id": case.pk}),
            "next": back,
        },
        "csrf_token": csrf_token,
    }


def _read_only_reason(reading: Reading | None, looked_at: Mask | None) -> str:
    if looked_at is not None:
        when = looked_at.created_at.strftime("%Y-%m-%d %H:%M")
        return f"This is revision {looked_at.number} of {when} UTC, to look at: open Versions to bring it back."
    return "This reading is handed in and can no longer be changed." if reading else ""


def view_url(assignment: Assignment) -> str:
    """The page on which an assignment is read."""
    slug = assignment.case.patient.cohort.slug
    return reverse("annotations:view", kwargs={"slug": slug, "assignment_id": assignment.pk})


def shown_on_pet(mask: Mask) -> bool:
    """Whether the mask can be laid over the PET as it is, or has a rendition that can."""
    return mask.grid == "pet" or bool(mask.provenance.get("on_pet_grid"))


def _images(case: Case) -> dict:
    slug = case.patient.cohort.slug
    frame = case.pet.geometry.get("frame_of_reference_uid") or case.pet.series.frame_of_reference_uid
    return {
        "case": {
            "id": str(case.pk),
            "pseudonym": case.patient.pseudonym,
            "synthetic": case.patient.cohort.is_synthetic,
        },
        "frame_of_reference_uid": frame,
        "offset_lps_mm": list(current_offset(case)),
        "volumes": {
            "ct": {**_volume(case.ct, slug), "passport": None},
            "pet": {**_volume(case.pet, slug), "passport": _passport(case)},
        },
    }


def _volume(volume: Volume, slug: str) -> dict:
    named, slabs, first = {"slug": slug, "volume_id": volume.pk}, [], 0
    for number, count in enumerate(volume.slab_slice_counts):
        url = reverse("voxels:slab", kwargs={**named, "slab_number": number})
        slabs.append({"url": url, "first_slice": first, "slice_count": count})
        first += count
    return {
        "id": str(volume.pk),
        "unit": volume.unit,
        "geometry": volume.geometry,
        "dtype": volume.stored_dtype,
        "slope": volume.stored_slope,
        "intercept": volume.stored_intercept,
        "preview": {"url": reverse("voxels:preview", kwargs=named), "geometry": volume.preview_geometry},
        "slabs": slabs,
    }


def _passport(case: Case) -> dict:
    acquisition = PetAcquisition.objects.filter(series=case.pet.series).first()
    passport = acquisition.suv_passport if acquisition else {}
    return {"factor_text": factor_text(passport), "warnings": passport.get("warnings", [])}


def factor_text(passport: dict) -> str:
    """How stored values became SUVbw, in one line: ``× 2.345e-04 from BQML``; a range where the images differ."""
    if not passport:
        return ""
    factor, unit = passport.get("factor"), passport.get("stored_unit", "")
    if factor is None:
        return f"× {passport.get('factor_min', 0):.4g} to {passport.get('factor_max', 0):.4g} from {unit}"
    return f"× {factor:.4g} from {unit}"


def _revision(mask: Mask | None, slug: str) -> dict | None:
    if mask is None or not shown_on_pet(mask):
        return None
    return {"id": str(mask.pk), "number": mask.number, "url": _labelmap_url(mask, slug), "lesions": mask.lesions}


def _proposals(case: Case, target: str, slug: str) -> list[dict]:
    return [
        {
            "id": str(mask.pk),
            "kind": str(mask.source),
            "title": PROPOSAL_TITLES[mask.source],
            "url": _labelmap_url(mask, slug),
        }
        for mask in proposals_of(case, target)[:OFFERED]
        if shown_on_pet(mask)
    ]


def _labelmap_url(mask: Mask, slug: str) -> str:
    return reverse("annotations:labelmap", kwargs={"slug": slug, "mask_id": mask.pk})
