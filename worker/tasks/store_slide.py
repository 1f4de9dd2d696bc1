"""A whole-slide file → tiles and an overview; its label, macro picture and properties are never read."""

from backend.cohorts.models import Patient
from backend.core.staging import erase_staged, staged_path
from backend.core.storage import store_path
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from backend.pathology.services.photographs import folder_of, record_photograph, store_picture
from backend.pathology.services.slides import AREA, OVERVIEW_PX
from backend.pathology.tiles import Pyramid, write_pyramid
from worker.compute.whole_slide import WholeSlide, open_whole_slide
from worker.tasks.runner import JobContext, job_task


@job_task(JobKind.STORE_SLIDE)
def store_slide(context: JobContext) -> None:
    """fetch: the staged file → compute: every tile anew → record: a photograph. The staged file goes either way."""
    patient = Patient.objects.select_related("cohort").get(pk=context.job.subject_id)
    staged = context.job.parameters["staged"]
    path = staged_path(staged, area=AREA)
    try:
        slide = open_whole_slide(path)
        values = {**store_picture(slide.overview(OVERVIEW_PX), folder=folder_of(patient)), **_sizes(slide)}
        values["tiles_key"] = _store_tiles(slide, context, folder_of(patient))
        with completing(context.claim, message=f"{slide.width_px:,} × {slide.height_px:,} pixels kept."):
            stain, actor = context.job.parameters["stain"], context.job.created_by
            record_photograph(patient=patient, stain=stain, actor=actor, values=values)
    finally:
        erase_staged(staged, area=AREA)


def _sizes(slide: WholeSlide) -> dict:
    size = {"width_px": slide.width_px, "height_px": slide.height_px}
    return {**size, "um_per_px": slide.um_per_px, "is_whole_slide": True}


def _store_tiles(slide: WholeSlide, context: JobContext, folder: str) -> str:
    pyramid = Pyramid(width_px=slide.width_px, height_px=slide.height_px)
    done = 0

    def read(downsample: int, box: tuple[int, int, int, int]):
        nonlocal done
        done += 1
        context.progress(done / pyramid.tile_count, "Encoding tiles")
        return slide.read(downsample, box)

    path = context.workspace / "tiles"
    write_pyramid(path, pyramid, read)
    return store_path(path, folder=folder, suffix=".tiles").key
