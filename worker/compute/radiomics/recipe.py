"""A recipe: every setting that decides a feature value, with a hash that names it."""

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from typing import Literal

from worker.compute.radiomics import names

RecipeName = Literal["tumour", "bat"]
Modality = Literal["ct", "pet"]

# PET needs bins of its own: 25 SUV would put every voxel into one bin. 25 HU is PyRadiomics' default; 0.1 SUV gives a
# tumour 30 to 150 bins, the range that PyRadiomics' documentation recommends.
BIN_WIDTHS: dict[Modality, float] = {"ct": 25.0, "pet": 0.1}

# The paper does not print its two sigmas.
LOG_SIGMAS_MM = (3.0, 5.0)

FEATURE_CLASSES: dict[RecipeName, tuple[str, ...]] = {
    "tumour": (names.SHAPE, names.FIRST_ORDER, *names.TEXTURE_CLASSES),
    "bat": (names.FIRST_ORDER,),
}

# Raise it when a value may change although no setting below does.
RECIPE_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is extracted from one region of one modality; ``bin_width`` is in HU (CT) or SUVbw (PET)."""

    name: RecipeName
    modality: Modality
    bin_width: float
    feature_classes: tuple[str, ...]
    log_sigmas_mm: tuple[float, ...] = LOG_SIGMAS_MM
    wavelet: str = "coif1"
    lbp3d_levels: int = 2
    lbp3d_icosphere_radius_voxels: float = 1.0
    lbp3d_icosphere_subdivision: int = 1
    distances_voxels: tuple[int, ...] = (1,)
    version: int = RECIPE_VERSION

    @property
    def image_names(self) -> tuple[str, ...]:
        return names.image_names(self.log_sigmas_mm)

    def feature_names(self) -> tuple[str, ...]:
        """The exact ordered names that an extraction must give: 1,781 (tumour) or 342 (bat) with two sigmas."""
        return names.feature_names(self.feature_classes, self.log_sigmas_mm)

    def to_json(self) -> dict:
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    @classmethod
    def from_json(cls, value: dict) -> "Recipe":
        known = {field.name for field in fields(cls)}
        return cls(**{key: tuple(v) if isinstance(v, list) else v for key, v in value.items() if key in known})

    @property
    def sha256(self) -> str:
        """Hash of the canonical JSON: equal hashes mean equal settings."""
        canonical = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def pyradiomics_settings(self) -> dict:
        """The settings in PyRadiomics' words; what is not named here keeps PyRadiomics' default."""
        return {
            "binWidth": self.bin_width,
            "sigma": list(self.log_sigmas_mm),
            "wavelet": self.wavelet,
            "lbp3DLevels": self.lbp3d_levels,
            "lbp3DIcosphereRadius": self.lbp3d_icosphere_radius_voxels,
            "lbp3DIcosphereSubdivision": self.lbp3d_icosphere_subdivision,
            "distances": list(self.distances_voxels),
        }


def standard_recipe(name: RecipeName, modality: Modality = "ct") -> Recipe:
    """The paper's recipe for one region and modality."""
    return Recipe(name=name, modality=modality, bin_width=BIN_WIDTHS[modality], feature_classes=FEATURE_CLASSES[name])
