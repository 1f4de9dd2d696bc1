"""One synthetic patient as arrays: CT in HU, PET in SUVbw, the true lesions and brown fat, three readers' contours."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from worker.compute.phantoms import organs
from worker.compute.phantoms.body import COVERAGE_MM, Body, paint_body
from worker.compute.phantoms.canvas import Canvas, Solid
from worker.compute.phantoms.clinical import ClinicalRecord
from worker.compute.phantoms.fields import SmoothField, axes_mm
from worker.compute.phantoms.lesions import ROLES, Lesion, place_lesions
from worker.compute.phantoms.plan import PatientPlan, Traits, plan_cohort
from worker.compute.phantoms.readers import draw_readings
from worker.compute.phantoms.tissues import Tissue, draw_suv_table, hu_table, hu_texture_table
from worker.compute.types import Geometry, Volume

CT_FIELD_OF_VIEW_MM, PET_FIELD_OF_VIEW_MM = 500.0, 540.0
PET_MATRIX_SHARE = 0.75
PET_OVERHANG = 1.01  # the PET grid is a little taller than the CT's: no PET slice lies on a CT slice, as on scanners
PSF_FWHM_MM = 7.0
FWHM_PER_SIGMA = 2.3548
CT_NOISE_HU, CT_SMOOTHING_VOXELS = 11.0, 0.45
TUMOUR_SUV_BW, BROWN_FAT_SUV_BW = 7.0, 3.4
UPTAKE_PER_SCORE, BROWN_FAT_PER_SCORE = 0.22, 0.22  # log SUVbw per standard score
HETEROGENEITY, HETEROGENEITY_PER_SCORE = 0.20, 0.30  # log SUVbw deviation within the tumour, its log per score
DENSITY_HU_PER_SCORE = 5.0
LESION_LATTICE_MM = 9.0
TEXTURE_LATTICE_MM = 14.0


@dataclass(frozen=True, kw_only=True, eq=False)
class PhantomPatient:
    """``tumour`` and ``readings`` hold ``lesions.ROLES`` on the PET grid, ``bat`` 1 where brown fat is active."""

    plan: PatientPlan
    ct: Volume
    suv_bw: Volume
    tumour: Volume
    bat: Volume
    readings: tuple[Volume, ...]

    @property
    def clinical(self) -> ClinicalRecord:
        return self.plan.clinical


def synthesise_patient(
    seed: int, *, matrix: int = 128, slices: int = 90, effect: float = 0.0, plan: PatientPlan | None = None
) -> PhantomPatient:
    """A patient on a CT grid of ``matrix``² × ``slices`` and a PET grid of ¾ of the matrix; one seed, one patient.

    Without a plan the patient is the first of a cohort of that seed and effect.
    """
    plan = plan or next(one for one in plan_cohort(3, effect, seed) if not one.exclusion)
    ct_grid, pet_grid = phantom_grids(matrix, slices)
    rng = np.random.default_rng(plan.image_seed)
    body = Body(bmi_kg_m2=plan.clinical.bmi_kg_m2, seed=int(rng.integers(2**30)))
    lesions = place_lesions(plan.clinical, rng)
    solids = _organs(rng)
    suv_table = _suv_table(plan, rng)
    ct = _render_ct(_paint(ct_grid, body, solids, lesions), plan.traits, body.seed, rng)
    pet_canvas = _paint(pet_grid, body, solids, lesions)
    suv_bw = _render_pet(pet_canvas, suv_table, plan.traits, body.seed, rng)
    tumour = _lesion_labels(pet_canvas, lesions)
    bat = (pet_canvas.labels_zyx == Tissue.BROWN_FAT) & plan.bat_active
    return PhantomPatient(
        plan=plan,
        ct=Volume(array_zyx=ct, geometry=ct_grid, unit="HU"),
        suv_bw=Volume(array_zyx=suv_bw, geometry=pet_grid, unit="SUVbw"),
        tumour=tumour,
        bat=Volume(array_zyx=bat.astype(np.uint8), geometry=pet_grid, unit="label"),
        readings=draw_readings(tumour, int(rng.integers(2**31))),
    )


def phantom_grids(matrix: int, slices: int) -> tuple[Geometry, Geometry]:
    """CT and PET grids about the same centre, 675 mm from below the pelvic floor to the jaw, whatever the matrix."""
    pet_matrix = max(8, round(matrix * PET_MATRIX_SHARE))
    return (
        _grid(matrix, slices, CT_FIELD_OF_VIEW_MM, COVERAGE_MM),
        _grid(pet_matrix, slices, PET_FIELD_OF_VIEW_MM, COVERAGE_MM * PET_OVERHANG),
    )


def _grid(matrix: int, slices: int, field_mm: float, height_mm: float) -> Geometry:
    pixel_mm, slice_mm = field_mm / matrix, height_mm / slices
    lowest_mm = (COVERAGE_MM - height_mm) / 2 + slice_mm / 2
    corner_mm = -field_mm / 2 + pixel_mm / 2
    return Geometry(
        size_xyz=(matrix, matrix, slices),
        spacing_mm=(pixel_mm, pixel_mm, slice_mm),
        origin_lps_mm=(corner_mm, corner_mm, lowest_mm),
    )


def _organs(rng: np.random.Generator) -> list[Solid]:
    groups = (organs.chest(), organs.abdomen(), organs.pelvis(float(rng.uniform(0.8, 1.15))), organs.brown_fat())
    return list(organs.skeleton()) + [organs.jitter(solid, rng) for group in groups for solid in group]


def _suv_table(plan: PatientPlan, rng: np.random.Generator) -> np.ndarray:
    table = draw_suv_table(rng)
    table[Tissue.TUMOUR] = TUMOUR_SUV_BW * np.exp(UPTAKE_PER_SCORE * plan.traits.uptake)
    if plan.bat_active:
        table[Tissue.BROWN_FAT] = BROWN_FAT_SUV_BW * np.exp(BROWN_FAT_PER_SCORE * plan.traits.bat_uptake)
    return table


def _paint(grid: Geometry, body: Body, solids: list[Solid], lesions: list[Lesion]) -> Canvas:
    canvas = Canvas(grid)
    paint_body(canvas, body)
    for solid in solids:
        canvas.paint(solid)
    for lesion in lesions:
        canvas.paint(lesion.solid)
        if lesion.cyst:
            canvas.paint(lesion.cyst)
    return canvas


def _render_ct(canvas: Canvas, traits: Traits, seed: int, rng: np.random.Generator) -> np.ndarray:
    """HU (int16): tissue values with a smooth texture, the scanner's blur and noise, air outside its round field."""
    labels = canvas.labels_zyx
    texture = SmoothField(seed + 1, TEXTURE_LATTICE_MM).sample(axes_mm(canvas.geometry))
    hu = hu_table()[labels] + hu_texture_table()[labels] * texture
    hu[labels == Tissue.TUMOUR] += np.float32(DENSITY_HU_PER_SCORE * traits.density)
    hu = ndimage.gaussian_filter(hu, (0, CT_SMOOTHING_VOXELS, CT_SMOOTHING_VOXELS))
    hu += rng.standard_normal(hu.shape, dtype=np.float32) * np.float32(CT_NOISE_HU)
    hu[:, np.hypot(canvas.y[:, None], canvas.x[None, :]) > CT_FIELD_OF_VIEW_MM / 2] = -1024
    return np.clip(np.rint(hu), -1024, 3071).astype(np.int16)


def _render_pet(
    canvas: Canvas, suv_table: np.ndarray, traits: Traits, seed: int, rng: np.random.Generator
) -> np.ndarray:
    """SUVbw (float32): uptake with the tumour's texture, the point spread, noise that grows with the counts."""
    labels = canvas.labels_zyx
    suv_bw = suv_table[labels]
    spread = min(HETEROGENEITY * np.exp(HETEROGENEITY_PER_SCORE * traits.heterogeneity), 0.7)
    tumour = labels == Tissue.TUMOUR
    field = SmoothField(seed + 2, LESION_LATTICE_MM).sample(axes_mm(canvas.geometry))
    suv_bw[tumour] *= np.exp(spread * field[tumour] - spread**2 / 2)
    suv_bw *= 1 + 0.06 * SmoothField(seed + 3, 22.0).sample(axes_mm(canvas.geometry))
    sigma = [PSF_FWHM_MM / FWHM_PER_SIGMA / spacing for spacing in canvas.geometry.spacing_mm[::-1]]
    suv_bw = ndimage.gaussian_filter(suv_bw, sigma)
    noise = ndimage.gaussian_filter(rng.standard_normal(suv_bw.shape, dtype=np.float32), 0.6)
    noise *= (0.02 + 0.09 * np.sqrt(suv_bw)) / noise.std()
    return np.maximum(suv_bw + noise, 0).astype(np.float32)


def _lesion_labels(canvas: Canvas, lesions: list[Lesion]) -> Volume:
    """The true extent of every lesion on the PET grid by role, its cyst included, as a reader would outline it."""
    labels = np.zeros(canvas.geometry.shape_zyx, dtype=np.uint8)
    for lesion in sorted(lesions, key=lambda one: -ROLES[one.role]):
        box, inside = canvas.rasterise(lesion.solid)
        if inside is not None:
            labels[box][inside] = ROLES[lesion.role]
    return Volume(array_zyx=labels, geometry=canvas.geometry, unit="label")
