"""The outer body on a grid: skin, subcutaneous fat, muscle, abdominal cavity with bowel, ribs, legs, arms, couch."""

from dataclasses import dataclass

import numpy as np

from worker.compute.phantoms.canvas import Canvas, Tube
from worker.compute.phantoms.fields import SmoothField
from worker.compute.phantoms.tissues import Tissue

COVERAGE_MM = 675.0  # from just below the pelvic floor (0) to the jaw
CROTCH_MM, NECK_MM = 52.0, 600.0
CAVITY_TOP_MM = 395.0
MUSCLE_WALL_MM = 15.0
REFERENCE_BMI_KG_M2 = 24.0
# height above the lowest slice, half width, half depth (mm) of a woman of 1.60 m and BMI 24, and her fat's share there
OUTLINE = np.array(
    [
        (0, 176, 92, 1.0),
        (60, 182, 100, 1.2),
        (130, 186, 112, 1.3),
        (200, 172, 108, 1.2),
        (290, 148, 98, 0.9),
        (380, 154, 104, 0.7),
        (470, 162, 110, 0.6),
        (545, 168, 98, 0.5),
        (580, 165, 86, 0.4),
        (600, 120, 72, 0.35),
        (622, 72, 62, 0.3),
        (675, 60, 62, 0.25),
    ]
)
ARM_TOP_LPS_MM, ARM_ROOT_LPS_MM = (192.0, -30.0, 690.0), (150.0, 5.0, 572.0)


@dataclass(frozen=True, kw_only=True)
class Body:
    """What differs between bodies; lengths in mm."""

    bmi_kg_m2: float
    seed: int

    @property
    def width_factor(self) -> float:
        return float(np.clip((self.bmi_kg_m2 / REFERENCE_BMI_KG_M2) ** 0.5, 0.85, 1.22))

    @property
    def fat_mm(self) -> float:
        """Thickness of the subcutaneous fat where the outline's share is 1."""
        return float(np.clip(14 + 1.7 * (self.bmi_kg_m2 - REFERENCE_BMI_KG_M2), 6, 42))


def paint_body(canvas: Canvas, body: Body) -> None:
    """Fat inside the skin line, muscle inside the fat, then what fills the trunk."""
    z, y, x = canvas.z[:, None, None], canvas.y[None, :, None], canvas.x[None, None, :]
    half_width, half_depth, fat_share = (np.interp(z, OUTLINE[:, 0], OUTLINE[:, column]) for column in (1, 2, 3))
    neck = np.clip((z - 560) / 60, 0, 1)
    factor = body.width_factor * (1 - neck) + (1 + 0.4 * (body.width_factor - 1)) * neck
    half_width, half_depth, fat_mm = half_width * factor, half_depth * factor, body.fat_mm * fat_share
    labels = canvas.labels_zyx
    labels[_within(x, y, z, half_width, half_depth, 0.0)] = Tissue.SUBCUTANEOUS_FAT
    labels[_within(x, y, z, half_width, half_depth, fat_mm)] = Tissue.MUSCLE
    cavity = _within(x, y, z, half_width, half_depth, fat_mm + MUSCLE_WALL_MM) & (z > 70) & (z < CAVITY_TOP_MM)
    labels[cavity] = Tissue.VISCERAL_FAT
    _paint_bowel(canvas, body, cavity)
    _paint_ribs(canvas, x, y, z, half_width - fat_mm - 3, half_depth - fat_mm - 3)
    _paint_arms(canvas)
    _paint_couch(canvas, body)


def _within(x, y, z, half_width, half_depth, inset_mm) -> np.ndarray:
    """Inside the trunk's rounded outline, or below the crotch inside one of two legs, a layer of inset_mm away."""
    trunk = np.abs(x / (half_width - inset_mm)) ** 2.4 + np.abs(y / (half_depth - inset_mm)) ** 2.4 < 1
    leg_mm = half_width / 2 - 2
    legs = ((np.abs(x) - leg_mm - 3) / (leg_mm - inset_mm)) ** 2 + (y / (half_depth - inset_mm)) ** 2 < 1
    return np.where(z > CROTCH_MM, trunk, legs)


def _paint_bowel(canvas: Canvas, body: Body, cavity: np.ndarray) -> None:
    """Loops where two smooth fields nearly cross, with some gas in them; the rest of the cavity stays fat."""
    axes = (canvas.z, canvas.y, canvas.x)
    loops = SmoothField(body.seed + 11, 34.0).sample(axes)
    gas = SmoothField(body.seed + 12, 26.0).sample(axes)
    front = (canvas.y[None, :, None] < 30) & (canvas.z[:, None, None] > 120)
    bowel = cavity & front & (np.abs(loops) < 0.62)
    canvas.labels_zyx[bowel] = Tissue.BOWEL
    canvas.labels_zyx[bowel & (gas > 1.75) & (np.abs(loops) < 0.35)] = Tissue.BOWEL_GAS


def _paint_ribs(canvas: Canvas, x, y, z, half_width, half_depth) -> None:
    """Slanting bars in the chest wall."""
    outer = (x / half_width) ** 2 + (y / half_depth) ** 2
    inner = (x / (half_width - 9)) ** 2 + (y / (half_depth - 9)) ** 2
    bars = np.mod(z + 0.45 * y, 27.0) < 10.0
    wall = (outer < 1) & (inner >= 1) & bars & (z > 365) & (z < 572) & (y > -0.85 * half_depth)
    canvas.labels_zyx[wall & (canvas.labels_zyx == Tissue.MUSCLE)] = Tissue.BONE


def _paint_arms(canvas: Canvas) -> None:
    """Both arms raised beside the head, as for a scan of the trunk."""
    for side in (-1, 1):
        root, top = (tuple(np.array(point) * (side, 1, 1)) for point in (ARM_ROOT_LPS_MM, ARM_TOP_LPS_MM))
        for tissue, radius_mm in (
            (Tissue.SUBCUTANEOUS_FAT, 42),
            (Tissue.MUSCLE, 34),
            (Tissue.BONE, 11),
            (Tissue.MARROW, 6),
        ):
            over = frozenset({Tissue.AIR}) if tissue == Tissue.SUBCUTANEOUS_FAT else frozenset()
            canvas.paint(Tube(tissue=tissue, start_lps_mm=root, end_lps_mm=top, radius_mm=radius_mm, only_over=over))


def _paint_couch(canvas: Canvas, body: Body) -> None:
    """A shallow curved couch under the back."""
    y, x = canvas.y[None, :, None], canvas.x[None, None, :]
    surface_mm = 118 * body.width_factor - (x / 200) ** 2 * 25
    couch = (y > surface_mm) & (y < surface_mm + 8) & (np.abs(x) < 205)
    canvas.labels_zyx[np.broadcast_to(couch, canvas.labels_zyx.shape) & (canvas.labels_zyx == Tissue.AIR)] = (
        Tissue.COUCH
    )
