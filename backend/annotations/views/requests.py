"""Reading what a page or the viewer sent, and finding the objects that an address names, or refusing in a sentence."""

import base64
import binascii
import json
import math
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from backend.annotations.blinding import require_readings_visible
from backend.annotations.models import Assignment, Purpose
from backend.annotations.services.edits import Edit
from backend.cohorts.models import Role
from backend.core.errors import InvalidInput, NotFound
from backend.imaging.models import Case

# A person lays a PET on its CT within the scanner's field; more is a slip of the hand.
LARGEST_OFFSET_MM = 500.0
# Saves that a browser sent without an answer; it sends no further one before the first of them came back.
MOST_UNANSWERED = 50


def json_body(request: HttpRequest) -> dict:
    """The JSON object in the body."""
    try:
        body = json.loads(request.body)
    except ValueError as error:
        raise InvalidInput("The request is not JSON: load the case again.") from error
    if not isinstance(body, dict):
        raise InvalidInput("The request must be a JSON object.")
    return body


def optional_uuid(body: Mapping, name: str) -> UUID | None:
    """A UUID or None."""
    value = body.get(name)
    if value in (None, ""):
        return None
    try:
        return UUID(str(value))
    except ValueError as error:
        raise InvalidInput(f"{name} is not an identifier of PETRA: load the case again.") from error


def required_uuid(body: Mapping, name: str) -> UUID:
    """A UUID. Raises InvalidInput where there is none."""
    value = optional_uuid(body, name)
    if value is None:
        raise InvalidInput(f"{name} is missing: load the case again.")
    return value


def uuid_list(body: dict, name: str) -> list[UUID]:
    """A list of UUIDs; empty where there is none."""
    values = body.get(name) or []
    if not isinstance(values, list) or len(values) > MOST_UNANSWERED:
        raise InvalidInput(f"{name} must be a list of at most {MOST_UNANSWERED} identifiers.")
    return [required_uuid({name: value}, name) for value in values]


def edit_of(body: dict) -> Edit | None:
    """What the body says was changed since its parent; None where it brings the whole mask."""
    if "runs_gzip_base64" not in body:
        return None
    return Edit(runs_gzip=_bytes(body, "runs_gzip_base64"), sha256=str(body.get("sha256", "")))


def compressed_mask(body: dict) -> bytes:
    """The gzip bytes in ``mask_gzip_base64``."""
    return _bytes(body, "mask_gzip_base64")


def _bytes(body: dict, name: str) -> bytes:
    try:
        return base64.b64decode(body.get(name) or "", validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise InvalidInput("The mask is damaged (it is not base64): save again.") from error


def offset_lps_mm(body: dict) -> list[float]:
    """Three finite millimetres."""
    value: Any = body.get("offset_lps_mm")
    if not _is_place(value):
        raise InvalidInput("The offset must be three numbers in mm: left, posterior, head.")
    if max(abs(part) for part in value) > LARGEST_OFFSET_MM:
        raise InvalidInput(f"The offset may be at most {LARGEST_OFFSET_MM:.0f} mm along each axis.")
    return [float(part) for part in value]


def optional_place_lps_mm(body: dict, name: str) -> list[float] | None:
    """A place in the patient's frame, or None."""
    value: Any = body.get(name)
    if value is None:
        return None
    if not _is_place(value):
        raise InvalidInput(f"{name} must be three numbers in mm: left, posterior, head.")
    return [float(part) for part in value]


def _is_place(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3 and all(_is_number(part) for part in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def case_or_404(request: HttpRequest, case_id: UUID) -> Case:
    """A case of the request's cohort with its volumes."""
    rows = Case.objects.select_related("patient__cohort", "study", "ct__series", "pet__series")
    case = rows.filter(pk=case_id, patient__cohort=request.cohort).first()
    if case is None:
        raise NotFound("There is no such case in this cohort.")
    return case


def own_assignment_or_404(request: HttpRequest, assignment_id: UUID, *, withdrawn_too: bool = False) -> Assignment:
    """An assignment of the person who asks, to read or to adjudicate; those of others do not exist for them.

    Each purpose needs its role. Raises Forbidden where the person has yet to read the case that they adjudicate.
    """
    rows = Assignment.every_purpose.select_related(
        "case__patient__cohort", "case__ct__series", "case__pet__series", "reader"
    )
    found = rows.filter(pk=assignment_id, case__patient__cohort=request.cohort, reader=request.user).first()
    if found and found.withdrawn_at and not withdrawn_too:
        found = None
    if found is None or _ROLE_OF[Purpose(found.purpose)] not in request.roles:
        raise NotFound("There is no such reading among yours.")
    if found.purpose == Purpose.ADJUDICATION:
        require_readings_visible(request.user, found.case, request.roles)
    return found


# Who may draw at all; which of their assignments it is decides about the role.
DRAWS = (Role.READER, Role.ADJUDICATOR)
_ROLE_OF = {Purpose.READING: Role.READER, Purpose.ADJUDICATION: Role.ADJUDICATOR}
