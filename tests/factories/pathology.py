"""Slide photographs and p53 reads."""

import io

from PIL import Image

from backend.accounts.models import User
from backend.cohorts.models import Patient
from backend.pathology.models import IhcProposal, IhcRead, SlidePhotograph
from backend.pathology.services.photographs import add_photograph
from backend.pathology.services.quantification import record_proposal
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


def make_proposal(photograph: SlidePhotograph, reader: User, **changes) -> IhcProposal:
    """A count as the job records it."""
    region = [[0, 0], [200, 0], [200, 100], [0, 100]]
    outline = {"outline_xy": [[10, 10], [20, 10], [20, 20]], "dab_od": 0.5, "is_positive": True}
    found = {"percent_positive": 40.0, "nuclei": 10, "positive": 4, "region_xy": region, "outlines": [outline]}
    return record_proposal(photograph, requested_by=reader, found={**found, "warnings": [], **changes})


def make_read(patient: Patient, reader: User, *, proposal: IhcProposal | None = None, **changes) -> IhcRead:
    return sign_read(patient=patient, reader=reader, values={**OVEREXPRESSED, **changes}, proposal=proposal)
