"""The tissues of the phantom: Hounsfield units and SUVbw that textbooks give for FDG PET/CT an hour after injection."""

from enum import IntEnum

import numpy as np


class Tissue(IntEnum):
    """Labels of the anatomy; later ones are painted over earlier ones by the order of the scene, not by number."""

    AIR = 0
    SUBCUTANEOUS_FAT = 1
    VISCERAL_FAT = 2
    MUSCLE = 3
    BONE = 4
    MARROW = 5
    LUNG = 6
    BLOOD = 7
    MYOCARDIUM = 8
    LIVER = 9
    SPLEEN = 10
    KIDNEY = 11
    RENAL_PELVIS = 12
    BLADDER = 13
    STOMACH = 14
    BOWEL = 15
    BOWEL_GAS = 16
    AIRWAY = 17
    UTERUS = 18
    OVARY = 19
    CORD = 20
    BROWN_FAT = 21
    TUMOUR = 22
    CYST = 23
    COUCH = 24


# tissue: (HU, HU texture, SUVbw, spread of the SUVbw between patients as a factor's log)
PROPERTIES = {
    Tissue.AIR: (-1000, 0, 0.0, 0.0),
    Tissue.SUBCUTANEOUS_FAT: (-105, 6, 0.25, 0.10),
    Tissue.VISCERAL_FAT: (-98, 8, 0.35, 0.10),
    Tissue.MUSCLE: (55, 8, 0.65, 0.12),
    Tissue.BONE: (480, 90, 0.70, 0.15),
    Tissue.MARROW: (190, 40, 1.40, 0.20),
    Tissue.LUNG: (-830, 45, 0.45, 0.12),
    Tissue.BLOOD: (42, 3, 1.70, 0.12),
    Tissue.MYOCARDIUM: (48, 4, 3.20, 0.50),
    Tissue.LIVER: (58, 4, 2.20, 0.12),
    Tissue.SPLEEN: (48, 4, 1.85, 0.12),
    Tissue.KIDNEY: (33, 4, 3.00, 0.20),
    Tissue.RENAL_PELVIS: (8, 3, 11.0, 0.40),
    Tissue.BLADDER: (4, 2, 19.0, 0.40),
    Tissue.STOMACH: (38, 8, 1.80, 0.25),
    Tissue.BOWEL: (34, 14, 1.35, 0.30),
    Tissue.BOWEL_GAS: (-850, 60, 0.50, 0.10),
    Tissue.AIRWAY: (-990, 5, 0.20, 0.10),
    Tissue.UTERUS: (48, 6, 1.60, 0.20),
    Tissue.OVARY: (32, 8, 1.30, 0.20),
    Tissue.CORD: (28, 4, 1.60, 0.10),
    Tissue.BROWN_FAT: (-82, 9, 0.55, 0.10),
    Tissue.TUMOUR: (44, 5, 7.0, 0.0),
    Tissue.CYST: (10, 3, 0.9, 0.10),
    Tissue.COUCH: (-350, 20, 0.0, 0.0),
}


def hu_table() -> np.ndarray:
    """HU by label."""
    return np.array([PROPERTIES[tissue][0] for tissue in Tissue], dtype=np.float32)


def hu_texture_table() -> np.ndarray:
    """Standard deviation of the smooth HU texture by label."""
    return np.array([PROPERTIES[tissue][1] for tissue in Tissue], dtype=np.float32)


def draw_suv_table(rng: np.random.Generator) -> np.ndarray:
    """SUVbw by label for one patient: each tissue's typical value times a log-normal factor."""
    typical = np.array([PROPERTIES[tissue][2] for tissue in Tissue])
    spread = np.array([PROPERTIES[tissue][3] for tissue in Tissue])
    return (typical * np.exp(spread * rng.normal(size=len(Tissue)))).astype(np.float32)
