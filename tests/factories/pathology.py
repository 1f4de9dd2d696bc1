"""Slide photographs and p53 reads."""

import io

from PIL import Image

from backend.accounts.models import User
from backend.cohorts.models import Patient
from backend.pathology.models import IhcRead, SlidePhotograph
from backend.pathology.services.photographs import add_photograph
from backend.pathology.services.reads import sign_read

OVEREXPRESSED = {
    "percent_stained": 90.0,
    "intensity": "strong",
    "pattern": "overexpression",
    "internal_control_present": True,
    "comment": "",
}


def picture(form: str = "JPEG", size: tuple[int, int] = (200, 100), mode: str = "RGB", **options) -> io.BytesIO:
    """A picture in memory with a gradient, so that re-encoding has something to keep."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(out, form, **options)
    out.seek(0)
    return out


def make_photograph(patient: Patient, *, actor: User, stain: str = "he") -> SlidePhotograph:
    file = picture()
    return add_photograph(patient=patient, stain=stain, file=file, size_bytes=len(file.getvalue()), actor=actor)


def make_read(patient: Patient, reader: User, **changes) -> IhcRead:
    return sign_read(patient=patient, reader=reader, values={**OVEREXPRESSED, **changes})
