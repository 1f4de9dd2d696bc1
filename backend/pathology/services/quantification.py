"""Counting nuclei for a pathologist: a job on a region that was drawn, and its result as a proposal, never a read."""

import gzip
import json
from typing import Any

from backend.accounts.models import User
from backend.audit.services import record_audit
from backend.core.errors import Conflict, InvalidInput
from backend.core.storage import read_bytes, store_bytes
from backend.jobs.models import Job, JobKind
from backend.jobs.services import enqueue_job
from backend.pathology.models import IhcProposal, SlidePhotograph
from backend.pathology.services.photographs import folder_of

MOST_CORNERS = 500
# Results that describe the count; the outlines lie in a file beside the row.
_OUTLINES = "outlines"


def request_quantification(*, photograph: SlidePhotograph, region_xy: Any, actor: User) -> Job:
    """Queues a count in the polygon (corners in pixels of the photograph). Raises InvalidInput for no polygon."""
    if photograph.erased_at:
        raise Conflict("This photograph was erased; there is nothing to count in.")
    if photograph.stain != SlidePhotograph.Stain.P53_IHC:
        raise InvalidInput("Nuclei are counted in p53 photographs: this one is H&E.")
    corners = _corners(region_xy, photograph)
    return enqueue_job(
        kind=JobKind.QUANTIFY_IHC,
        subject=photograph,
        subject_title=photograph.specimen.patient.pseudonym,
        cohort_uuid=photograph.specimen.patient.cohort_id,
        parameters={"region_xy": corners, "requested_by": actor.pk},
        created_by=actor,
    )


def _corners(region_xy: Any, photograph: SlidePhotograph) -> list[list[float]]:
    try:
        corners = [[round(float(x), 1), round(float(y), 1)] for x, y in region_xy]
    except (TypeError, ValueError) as error:
        raise InvalidInput("The region is no polygon: draw it around the tumour in the photograph.") from error
    limits = (photograph.width_px, photograph.height_px)
    inside = all(0 <= value <= limit for corner in corners for value, limit in zip(corner, limits, strict=True))
    if not 3 <= len(corners) <= MOST_CORNERS or not inside:
        raise InvalidInput("The region has too few or too many corners, or leaves the photograph: draw it again.")
    return corners


def record_proposal(photograph: SlidePhotograph, *, requested_by: User, found: dict[str, Any]) -> IhcProposal:
    """Keeps a count; ``found`` is worker.compute.ihc.IhcQuantification as JSON. Must run inside ``completing``."""
    patient = photograph.specimen.patient
    outlines = gzip.compress(json.dumps(found[_OUTLINES]).encode(), mtime=0)
    named = ("percent_positive", "nuclei", "positive", "region_xy")
    proposal = IhcProposal.objects.create(
        photograph=photograph,
        requested_by=requested_by,
        results={name: value for name, value in found.items() if name not in (*named, _OUTLINES)},
        outlines_key=store_bytes(outlines, folder=folder_of(patient), suffix=".outlines.gz").key,
        **{name: found[name] for name in named},
    )
    record_audit(
        action="ihc.propose",
        subject=proposal,
        actor=requested_by,
        cohort_uuid=patient.cohort_id,
        after={"patient": patient.pseudonym, "percent": proposal.percent_positive, "nuclei": proposal.nuclei},
    )
    return proposal


def proposal_outlines(proposal: IhcProposal) -> list[dict]:
    """The outline of every counted nucleus in pixels of the photograph, with its class."""
    return json.loads(gzip.decompress(read_bytes(proposal.outlines_key)))
