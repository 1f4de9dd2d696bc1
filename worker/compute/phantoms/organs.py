"""The organs inside the body as solids in millimetres: skeleton, chest, abdomen, pelvis and the brown fat depots."""

from collections.abc import Iterator

import numpy as np

from worker.compute.phantoms.canvas import Ellipsoid, Solid, Tube
from worker.compute.phantoms.tissues import Tissue as T

FATTY = frozenset({T.VISCERAL_FAT, T.MUSCLE, T.SUBCUTANEOUS_FAT})
CHEST_WALL = frozenset({T.MUSCLE, T.VISCERAL_FAT, T.BOWEL, T.BOWEL_GAS})
POSITION_SPREAD_MM = 3.0
SIZE_SPREAD = 0.05


def _egg(tissue: T, centre, half_axes, **more) -> Ellipsoid:
    return Ellipsoid(tissue=tissue, centre_lps_mm=centre, half_axes_mm=half_axes, **more)


def _pair(tissue: T, centre, half_axes, **more) -> list[Ellipsoid]:
    """The solid and its mirror image; x is the distance from the midline."""
    x, y, z = centre
    return [_egg(tissue, (side * x, y, z), half_axes, **more) for side in (-1, 1)]


def skeleton() -> Iterator[Solid]:
    """Spine, sacrum, pelvis, hips and thighs, breast bone, collar bones and shoulder blades."""
    yield Tube(tissue=T.BONE, start_lps_mm=(0, 62, 190), end_lps_mm=(0, 30, 690), radius_mm=15)
    for level in np.arange(185, 690, 27.0):
        depth = 48 - 28 * np.clip((level - 480) / 200, 0, 1)
        wide = 23 - 8 * np.clip((level - 300) / 320, 0, 1)
        yield _egg(T.BONE, (0, depth, level), (wide, wide * 0.75, 12))
        yield _egg(T.MARROW, (0, depth, level), (wide - 4, wide * 0.75 - 4, 9.5))
        yield _egg(T.BONE, (0, depth + 36, level), (5, 14, 8))
    yield Tube(tissue=T.CORD, start_lps_mm=(0, 72, 240), end_lps_mm=(0, 42, 690), radius_mm=7)
    yield _egg(T.BONE, (0, 66, 150), (46, 18, 48))
    yield _egg(T.MARROW, (0, 66, 150), (42, 14, 44))
    yield from _pair(T.BONE, (92, 28, 178), (34, 58, 62), only_over=FATTY)
    yield from _pair(T.MUSCLE, (82, 19, 184), (33, 56, 62), only_over=frozenset({T.BONE}))
    yield from _pair(T.BONE, (100, 12, 92), (31, 31, 31))
    yield from _pair(T.MARROW, (100, 12, 92), (24, 24, 24))
    for side in (-1, 1):
        for tissue, radius_mm in ((T.BONE, 15), (T.MARROW, 9)):
            yield Tube(
                tissue=tissue, start_lps_mm=(side * 118, 12, 78), end_lps_mm=(side * 92, 0, -20), radius_mm=radius_mm
            )
        yield Tube(tissue=T.BONE, start_lps_mm=(side * 8, -62, 74), end_lps_mm=(side * 72, -20, 92), radius_mm=9)
        yield Tube(tissue=T.BONE, start_lps_mm=(side * 50, 42, 62), end_lps_mm=(side * 76, 30, 90), radius_mm=11)
        yield Tube(tissue=T.BONE, start_lps_mm=(side * 20, -62, 588), end_lps_mm=(side * 125, -18, 604), radius_mm=6)
        yield Tube(tissue=T.BONE, start_lps_mm=(side * 92, 76, 470), end_lps_mm=(side * 118, 66, 572), radius_mm=7)
    yield _egg(T.BONE, (0, -88, 500), (17, 7, 62))


def chest() -> Iterator[Solid]:
    """Lungs, the mediastinum between them, heart, great vessels and windpipe."""
    yield from _pair(T.LUNG, (72, 4, 492), (60, 80, 104), only_over=CHEST_WALL)
    yield from _pair(T.LUNG, (62, 22, 425), (62, 58, 60), only_over=CHEST_WALL)
    yield _egg(T.VISCERAL_FAT, (0, -12, 520), (24, 62, 70), only_over=frozenset({T.LUNG, T.MUSCLE}))
    yield _egg(T.VISCERAL_FAT, (22, -36, 452), (56, 48, 50), only_over=frozenset({T.LUNG, T.MUSCLE}))
    yield _egg(T.BLOOD, (8, -36, 468), (40, 36, 42))
    yield _egg(T.MYOCARDIUM, (38, -34, 448), (34, 32, 36))
    yield _egg(T.BLOOD, (38, -34, 452), (21, 20, 25))
    yield Tube(tissue=T.BLOOD, start_lps_mm=(16, 26, 250), end_lps_mm=(18, 32, 535), radius_mm=10)
    yield Tube(tissue=T.BLOOD, start_lps_mm=(18, 30, 535), end_lps_mm=(-6, -25, 545), radius_mm=12)
    yield Tube(tissue=T.BLOOD, start_lps_mm=(-18, 24, 250), end_lps_mm=(-20, 10, 440), radius_mm=11)
    yield Tube(tissue=T.BLOOD, start_lps_mm=(-22, -22, 480), end_lps_mm=(-24, -20, 590), radius_mm=9)
    yield Tube(tissue=T.AIRWAY, start_lps_mm=(0, 6, 535), end_lps_mm=(0, -18, 690), radius_mm=8)
    for side in (-1, 1):
        yield Tube(tissue=T.AIRWAY, start_lps_mm=(0, 6, 535), end_lps_mm=(side * 42, 12, 500), radius_mm=6)
        yield Tube(tissue=T.BLOOD, start_lps_mm=(side * 26, -8, 590), end_lps_mm=(side * 30, -6, 690), radius_mm=6)


def abdomen() -> Iterator[Solid]:
    """Liver, stomach, spleen, kidneys with their pelves, loin muscles."""
    for side in (-1, 1):
        yield Tube(tissue=T.MUSCLE, start_lps_mm=(side * 32, 44, 330), end_lps_mm=(side * 62, 6, 150), radius_mm=18)
    yield _egg(T.LIVER, (-66, -8, 372), (76, 82, 66), only_over=CHEST_WALL | {T.LUNG})
    yield _egg(T.LIVER, (12, -46, 388), (56, 36, 34), only_over=CHEST_WALL)
    yield _egg(T.STOMACH, (62, -34, 378), (40, 42, 40), only_over=CHEST_WALL)
    yield _egg(T.BOWEL_GAS, (64, -54, 384), (20, 14, 20), only_over=frozenset({T.STOMACH}))
    yield _egg(T.SPLEEN, (104, 34, 384), (27, 40, 46), only_over=CHEST_WALL | {T.STOMACH, T.BONE})
    yield from _pair(T.VISCERAL_FAT, (66, 44, 322), (40, 36, 66), only_over=frozenset({T.BOWEL, T.BOWEL_GAS, T.MUSCLE}))
    yield from _pair(T.KIDNEY, (66, 42, 322), (26, 24, 52))
    yield from _pair(T.VISCERAL_FAT, (56, 36, 322), (14, 12, 26))
    yield from _pair(T.RENAL_PELVIS, (55, 36, 320), (9, 9, 15))
    for side in (-1, 1):
        yield Tube(
            tissue=T.RENAL_PELVIS, start_lps_mm=(side * 50, 30, 300), end_lps_mm=(side * 44, 24, 262), radius_mm=2.5
        )


def pelvis(bladder_fill: float) -> Iterator[Solid]:
    """Bladder, uterus with its neck, ovaries, rectum, in fat."""
    yield _egg(T.VISCERAL_FAT, (0, -4, 112), (66, 62, 46), only_over=frozenset({T.BOWEL, T.BOWEL_GAS, T.MUSCLE}))
    yield _egg(T.BLADDER, (0, -40, 98), (38 * bladder_fill, 28 * bladder_fill, 27 * bladder_fill))
    yield _egg(T.UTERUS, (0, -2, 136), (27, 26, 34))
    yield _egg(T.UTERUS, (0, 14, 98), (17, 17, 20))
    yield from _pair(T.OVARY, (46, 6, 142), (14, 11, 15))
    yield Tube(tissue=T.BOWEL, start_lps_mm=(0, 46, 75), end_lps_mm=(10, 40, 150), radius_mm=14)
    yield _egg(T.BOWEL_GAS, (0, 44, 112), (5, 5, 14))


def brown_fat() -> Iterator[Ellipsoid]:
    """Above the collar bones, along the neck, and beside the upper spine."""
    over = frozenset({T.MUSCLE, T.SUBCUTANEOUS_FAT, T.LUNG, T.VISCERAL_FAT})
    yield from _pair(T.BROWN_FAT, (58, 6, 612), (19, 18, 20), only_over=over)
    yield from _pair(T.BROWN_FAT, (92, -6, 596), (22, 14, 13), only_over=over)
    for level in (500.0, 527.0, 554.0):
        yield from _pair(T.BROWN_FAT, (27, 44, level), (8, 9, 9), only_over=over)


def jitter(solid: Solid, rng: np.random.Generator) -> Solid:
    """The solid a little elsewhere and a little larger or smaller; tubes, which must meet others, stay."""
    if isinstance(solid, Tube):
        return solid
    moved = np.array(solid.centre_lps_mm) + rng.normal(0, POSITION_SPREAD_MM, 3)
    sized = np.array(solid.half_axes_mm) * np.clip(1 + rng.normal(0, SIZE_SPREAD), 0.85, 1.15)
    fields = {**solid.__dict__, "centre_lps_mm": tuple(moved.tolist()), "half_axes_mm": tuple(sized.tolist())}
    return Ellipsoid(**fields)
