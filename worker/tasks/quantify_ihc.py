"""Assisted p53 quantification: a photograph and a region → nuclei counted by their stain, as a proposal."""

import math

import numpy as np
from django.core.files.storage import default_storage

from backend.accounts.models import User
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from backend.pathology.models import SlidePhotograph
from backend.pathology.services.quantification import record_proposal
from backend.pathology.tiles import read_pyramid, read_window
from worker.compute.errors import UnreadableInput
from worker.compute.ihc import IhcQuantification, quantify
from worker.compute.ihc_region import MARGIN_PX
from worker.tasks.runner import JobContext, job_task

# Larger regions are looked at with fewer pixels; nuclei are still some ten pixels wide at any usual magnification.
LARGEST_WINDOW_PIXELS = 36_000_000


@job_task(JobKind.QUANTIFY_IHC, time_limit_s=1800)
def quantify_ihc(context: JobContext) -> None:
    """fetch: the region's pixels → compute: stains, nuclei, their share → record: a proposal for who asked."""
    photograph = SlidePhotograph.objects.select_related("specimen__patient").get(pk=context.job.subject_id)
    if not photograph.tiles_key:
        raise UnreadableInput("The pictures of this photograph are no longer kept: nothing can be counted.")
    context.inputs(photograph=photograph.sha256, **context.job.parameters)
    region = context.job.parameters["region_xy"]
    rgb, corner_xy, downsample = _window(photograph.tiles_key, region)
    within = [((x - corner_xy[0]) / downsample, (y - corner_xy[1]) / downsample) for x, y in region]
    found = _in_photograph(quantify(rgb, within, context.progress), region, corner_xy, downsample)
    asked_by = User.objects.get(pk=context.job.parameters["requested_by"])
    # The number itself waits on the proposal: job rows are seen by people who must not know it.
    with completing(context.claim, message=f"{found['nuclei']} nuclei counted."):
        record_proposal(photograph, requested_by=asked_by, found=found)


def _window(key: str, region: list) -> tuple[np.ndarray, tuple[int, int], int]:
    """RGB of the region's box with a margin, its upper left corner, and by how much it is smaller."""
    x, y = np.asarray(region).T
    with default_storage.open(key, "rb") as file:
        pyramid = read_pyramid(file)
        downsample = 1
        while np.ptp(x) * np.ptp(y) / downsample**2 > LARGEST_WINDOW_PIXELS:
            downsample *= 2
        margin = MARGIN_PX * downsample
        left, top = (max(int((value.min() - margin) // downsample) * downsample, 0) for value in (x, y))
        right = min(math.ceil(x.max() + margin), pyramid.width_px)
        bottom = min(math.ceil(y.max() + margin), pyramid.height_px)
        window = read_window(file, (left, top, right, bottom), downsample=downsample)
    return np.asarray(window), (left, top), downsample


def _in_photograph(found: IhcQuantification, region: list, corner_xy: tuple[int, int], downsample: int) -> dict:
    """The result with every length in pixels of the photograph."""
    values = found.to_json()
    values["region_xy"] = region
    values["radius_px"] = round(found.radius_px * downsample, 1)
    for outline in values["outlines"]:
        outline["outline_xy"] = [
            [round(x * downsample + corner_xy[0], 1), round(y * downsample + corner_xy[1], 1)]
            for x, y in outline["outline_xy"]
        ]
    return values
