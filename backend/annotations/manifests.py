"""What the viewer is told about a case: its volumes, the task, the revision to show and where to send what is drawn."""

from django.urls import reverse

from backend.annotations.adjudication import is_signed, starting_points
from backend.annotations.bodies import body_of
from backend.annotations.comparison import PROPOSAL_TITLES, masks_to_compare
from backend.annotations.models import Assignment, Mask, ProposalRejection, Purpose, Reading
from backend.annotations.selectors import newest_revision, next_assignment, proposals_of
from backend.annotations.services.masks import shown_on_pet
from backend.imaging.models import Case, PetAcquisition, Volume
from backend.imaging.services.volumes import current_offset

# Only the newest of each kind is offered: older ones would be taken by mistake.
OFFERED = 1


def assignment_manifest(assignment: Assignment, *, csrf_token: str, looked_at: Mask | None = None) -> dict:
    """A reader's own task; read-only once it is handed in, and while an older revision is looked at.

    An adjudication is drawn in the same way; beside it lies what it settles.
    """
    case, slug = assignment.case, assignment.case.patient.cohort.slug
    reading = assignment.readings.standing().first()
    own = {"slug": slug, "assignment_id": assignment.pk}
    adjudicates = assignment.purpose == Purpose.ADJUDICATION
    follower = None if adjudicates else next_assignment(assignment)
    read_only_reason = SIGNED if is_signed(assignment) else _read_only_reason(reading, looked_at)
    return {
        **_images(case),
        "task": {
            "kind": assignment.target,
            "purpose": str(assignment.purpose),
            "assignment_id": str(assignment.pk),
            "reader_id": str(assignment.reader_id),
            "state": "submitted" if reading or is_signed(assignment) else "open",
            "may_draw": not read_only_reason,
            "read_only_reason": read_only_reason,
        },
        "revision": _revision(looked_at or newest_revision(assignment), slug),
        "proposals": [] if read_only_reason else _proposals(assignment, slug),
        "layers": layers_of(case, assignment.target) if adjudicates else [],
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
            "next": _after(assignment, follower),
        },
        "csrf_token": csrf_token,
    }


SIGNED = "This consensus is signed. Reopen it on the page of the case, with a reason, to draw again."


def _after(assignment: Assignment, follower: Assignment | None) -> str:
    slug = assignment.case.patient.cohort.slug
    if assignment.purpose == Purpose.ADJUDICATION:
        return reverse("cases:detail", kwargs={"slug": slug, "case_id": assignment.case_id})
    return view_url(follower) if follower else reverse("annotations:worklist", kwargs={"slug": slug})


def layers_of(case: Case, target: str) -> list[dict]:
    """What can be laid over the images beside the drawing: outlines by name, and votes where the readers differ."""
    slug = case.patient.cohort.slug
    return [
        {
            "id": str(shown.mask.pk),
            "title": shown.title,
            "kind": shown.kind,
            "readers": shown.readers,
            "volume_ml": shown.mask.volume_ml,
            "url": _labelmap_url(shown.mask, slug),
        }
        for shown in masks_to_compare(case)
        if shown.target == target
    ]


def comparison_manifest(case: Case, *, shown: Mask | None, title: str, target: str, csrf_token: str) -> dict:
    """A case to look at: one mask drawn full, all others of the target as layers. Nothing can be drawn."""
    slug = case.patient.cohort.slug
    back = reverse("cases:detail", kwargs={"slug": slug, "case_id": case.pk})
    return {
        **_images(case),
        "task": {
            "kind": target,
            "purpose": "comparison",
            "shown_title": title,
            "assignment_id": "",
            "reader_id": "",
            "state": "submitted",
            "may_draw": False,
            "read_only_reason": "This view compares what was handed in; nothing is drawn here.",
        },
        "revision": _revision(shown, slug),
        "proposals": [],
        "layers": [layer for layer in layers_of(case, target) if shown is None or layer["id"] != str(shown.pk)],
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
        "body": body_of(case),
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
    return {
        "id": str(mask.pk),
        "number": mask.number,
        "url": _labelmap_url(mask, slug),
        "lesions": mask.lesions,
        "liver_lps_mm": mask.provenance.get("liver_lps_mm"),
    }


def _proposals(assignment: Assignment, slug: str) -> list[dict]:
    if assignment.purpose == Purpose.ADJUDICATION:
        offered = [(title, "consensus", mask) for title, mask in starting_points(assignment.case)]
    else:
        newest = proposals_of(assignment.case, assignment.target)[:OFFERED]
        offered = [(PROPOSAL_TITLES[mask.source], str(mask.source), mask) for mask in newest]
    rejected = dict(ProposalRejection.objects.filter(assignment=assignment).values_list("proposal", "created_at"))
    return [
        {
            "id": str(mask.pk),
            "kind": kind,
            "title": title,
            "url": _labelmap_url(mask, slug),
            "reject_url": _reject_url(assignment, mask, slug),
            "rejected_at": rejected[mask.pk].isoformat() if mask.pk in rejected else "",
        }
        for title, kind, mask in offered
        if shown_on_pet(mask)
    ]


def _reject_url(assignment: Assignment, mask: Mask, slug: str) -> str:
    """Where a reader says no to what a program proposed; an adjudicator's starting points are chosen, not rejected."""
    if assignment.purpose == Purpose.ADJUDICATION:
        return ""
    own = {"slug": slug, "assignment_id": assignment.pk, "mask_id": mask.pk}
    return reverse("annotations:reject_proposal", kwargs=own)


def _labelmap_url(mask: Mask, slug: str) -> str:
    return reverse("annotations:labelmap", kwargs={"slug": slug, "mask_id": mask.pk})
