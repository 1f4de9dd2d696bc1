"""Features: a case's analysis grid and masks → 1,781 tumour and 342 brown-fat features per modality."""

from dataclasses import replace

from backend.annotations.models import MaskSource, Target
from backend.annotations.selectors import newest_mask
from backend.cohorts.protocol import ProtocolRules
from backend.cohorts.services import current_rules
from backend.core.errors import Conflict
from backend.features.services.extraction import (
    BAT_SOURCES,
    TUMOUR_SOURCES,
    ExtractedSource,
    RoiForFeatures,
    bat_roi,
    record_feature_sets,
    tumour_roi,
)
from backend.imaging.models import Case
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from worker.casework import fetch_case, mask_on
from worker.compute.errors import ComputeError, RunCancelled
from worker.compute.radiomics.extraction import extract_features as extract
from worker.compute.radiomics.recipe import Recipe, standard_recipe
from worker.compute.resample import AnalysisGrid
from worker.tasks.runner import JobContext, job_task


@job_task(JobKind.EXTRACT_FEATURES)
def extract_features(context: JobContext) -> None:
    """fetch: volumes and masks → compute: PyRadiomics by the protocol's recipe → record: feature sets or reasons."""
    case = Case.objects.select_related("patient__cohort", "ct", "pet").get(pk=context.job.subject_id)
    roi, rules = context.job.parameters["roi"], current_rules(case.patient.cohort)
    regions = _regions(case, roi)
    volumes = fetch_case(case, context.workspace)
    grid = volumes.on_analysis_grid(rules.crop_xy_voxels)
    inputs = {
        "ct": case.ct.sha256,
        "pet": case.pet.sha256,
        "offset_lps_mm": list(volumes.offset_lps_mm),
        "crop_xy_voxels": rules.crop_xy_voxels,
    }
    context.inputs(**inputs, masks={source: region.mask.sha256 for source, region in regions.items() if region.mask})
    extracted = []
    for number, (source, region) in enumerate(regions.items()):
        part = _Part(context, number, len(regions), source)
        extracted.append(_extract_source(source, region, grid, inputs, _recipe(source, rules), part))
    missing = [found.source for found in extracted if found.values is None]
    with completing(context.claim, message=_sentence(extracted, missing)):
        record_feature_sets(case, extracted, roi=roi)


class _Part:
    """The share of one source in the job's progress bar."""

    def __init__(self, context: JobContext, number: int, count: int, source: str) -> None:
        self.context, self.number, self.count, self.source = context, number, count, source

    def __call__(self, fraction: float, step: str) -> None:
        title = self.source.replace("_", " ")
        self.context.progress((self.number + fraction) / self.count, f"{title}: {step}")


def _regions(case: Case, roi: str) -> dict[str, RoiForFeatures]:
    if roi == "automatic":
        mask = newest_mask(case, Target.TUMOUR, MaskSource.NNUNET)
        if mask is None:
            raise Conflict("There is no automatic ROI of this case yet: start the job Segment cases first.")
        return dict.fromkeys(TUMOUR_SOURCES, RoiForFeatures(mask=mask))
    tumour, bat = tumour_roi(case), bat_roi(case)
    return {**dict.fromkeys(TUMOUR_SOURCES, tumour), **dict.fromkeys(BAT_SOURCES, bat)}


def _recipe(source: str, rules: ProtocolRules) -> Recipe:
    region, modality = source.split("_")
    bin_width = {"ct": rules.ct_bin_width_hu, "pet": rules.pet_bin_width_suv_bw}[modality]
    return replace(standard_recipe(region, modality), bin_width=bin_width, log_sigmas_mm=tuple(rules.log_sigmas_mm))


def _extract_source(
    source: str, region: RoiForFeatures, grid: AnalysisGrid, inputs: dict, recipe: Recipe, progress: _Part
) -> ExtractedSource:
    """A source that cannot be extracted gets its reason and does not stop the others."""
    values, reason, warnings = None, region.reason, ()
    if region.mask is not None:
        image = grid.ct if source.endswith("ct") else grid.pet
        try:
            mask = mask_on(region.mask, grid.ct.geometry, grid="ct", offset_lps_mm=grid.offset_lps_mm)
            result = extract(image, mask, recipe, progress)
            values, warnings = result.values, result.warnings
        except RunCancelled:
            raise
        except ComputeError as error:
            reason = str(error)
    return ExtractedSource(
        source=source,
        recipe_settings=recipe.to_json(),
        recipe_sha256=recipe.sha256,
        feature_names=recipe.feature_names(),
        inputs={**inputs, "mask": region.mask.sha256 if region.mask else ""},
        roi=region,
        values=values,
        reason=reason,
        warnings=tuple(warnings),
    )


def _sentence(extracted: list[ExtractedSource], missing: list[str]) -> str:
    count = sum(len(found.values) for found in extracted if found.values is not None)
    if not missing:
        return f"{count} features extracted."
    names = " and ".join(source.replace("_", " ") for source in missing)
    return f"{count} features extracted; none of {names}: the reason is on the case's page."
