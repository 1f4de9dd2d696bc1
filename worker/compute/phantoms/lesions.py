"""Where the tumour is: primary by cancer type, size by stage, implants and lymph nodes, each with its role."""

from dataclasses import dataclass

import numpy as np

from worker.compute.phantoms.canvas import Ellipsoid
from worker.compute.phantoms.clinical import ClinicalRecord
from worker.compute.phantoms.tissues import Tissue

ROLES = {"primary": 1, "node": 2, "metastasis": 3}
ROI_NAMES = {"primary": "GTV primary tumour", "node": "GTV lymph nodes", "metastasis": "GTV metastases"}
RADIUS_BY_STAGE_MM = {"I": (15, 22), "II": (19, 26), "III": (23, 32), "IV": (26, 36), "indeterminate": (17, 26)}
NODE_PLACES_LPS_MM = ((62, 4, 168), (-62, 4, 168), (44, 18, 205), (-44, 18, 205), (30, 16, 262), (-32, 14, 276))
OVARY_SCALE = 1.3
LOBULATION = 0.10


@dataclass(frozen=True)
class Lesion:
    """One solid with its role; ``cyst`` is the fluid inside it that is not avid."""

    solid: Ellipsoid
    role: str
    cyst: Ellipsoid | None = None


def place_lesions(record: ClinicalRecord, rng: np.random.Generator) -> list[Lesion]:
    """The lesions of one patient; neither size nor place knows the TP53 label."""
    radius_mm = float(rng.uniform(*RADIUS_BY_STAGE_MM[record.figo_stage]))
    if record.cancer_type == "ovarian":
        lesions = _ovarian(record.figo_stage, radius_mm, rng)
    else:
        centre = (0, 16, 98) if record.cancer_type == "cervical" else (0, -2, 134)
        lesions = [Lesion(_solid(centre, radius_mm, rng), "primary")]
    if record.lymph_node_metastasis:
        places = rng.permutation(len(NODE_PLACES_LPS_MM))[: int(rng.integers(1, 4))]
        lesions += [Lesion(_solid(NODE_PLACES_LPS_MM[place], rng.uniform(9, 13), rng), "node") for place in places]
    return lesions


def _ovarian(stage: str, radius_mm: float, rng: np.random.Generator) -> list[Lesion]:
    """A mass with a cyst on one side, from stage II on both, from stage III with implants on the peritoneum."""
    side = 1 if rng.random() < 0.5 else -1
    lesions = [_ovarian_mass((side * 52, -4, 146), radius_mm * OVARY_SCALE, rng)]
    if stage in ("II", "III", "IV"):
        lesions.append(_ovarian_mass((-side * 48, 2, 142), radius_mm * 0.8, rng))
    if stage in ("III", "IV"):
        for _ in range(int(rng.integers(2, 5))):
            angle, height = rng.uniform(-2.6, -0.5), rng.uniform(190, 330)
            place = (96 * np.cos(angle), 62 * np.sin(angle), height)
            lesions.append(Lesion(_solid(place, rng.uniform(10, 15), rng), "metastasis"))
    return lesions


def _ovarian_mass(centre, radius_mm: float, rng: np.random.Generator) -> Lesion:
    solid = _solid(centre, radius_mm, rng)
    inner = tuple(half * 0.5 for half in solid.half_axes_mm)
    off = tuple(c + 0.2 * radius_mm * shift for c, shift in zip(solid.centre_lps_mm, rng.normal(size=3), strict=True))
    cyst = Ellipsoid(tissue=Tissue.CYST, centre_lps_mm=off, half_axes_mm=inner, only_over=frozenset({Tissue.TUMOUR}))
    return Lesion(solid, "primary", cyst)


def _solid(centre, radius_mm: float, rng: np.random.Generator) -> Ellipsoid:
    half_axes = radius_mm * np.clip(rng.normal(1, 0.1, 3), 0.75, 1.25)
    moved = np.array(centre) + rng.normal(0, 3, 3)
    return Ellipsoid(
        tissue=Tissue.TUMOUR,
        centre_lps_mm=tuple(moved.tolist()),
        half_axes_mm=tuple(half_axes.tolist()),
        lobulation=LOBULATION,
        seed=int(rng.integers(2**31)),
    )
