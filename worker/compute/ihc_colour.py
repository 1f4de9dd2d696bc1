"""Colour deconvolution of a p53 photograph: how much haematoxylin and how much DAB lies in every pixel."""

from dataclasses import dataclass

import numpy as np
from skimage.color import hed_from_rgb, rgb_from_hed, separate_stains

# separate_stains counts in powers of this (its own constant), optical densities count in powers of ten.
_DECADES = 6.0
# A photograph's empty glass is no darker than this; without any, the brightest tissue would be taken for glass.
_DARKEST_GLASS = 170.0
_GLASS_PERCENTILE = 98.0


@dataclass(frozen=True, kw_only=True, eq=False)
class StainDensities:
    """Decadic optical densities along each stain's vector, float32 (height, width); ``glass_rgb`` counts as white."""

    haematoxylin: np.ndarray
    dab: np.ndarray
    glass_rgb: tuple[float, float, float]


def separate(rgb: np.ndarray) -> StainDensities:
    """``rgb`` is uint8 (height, width, 3). Vectors of Ruifrok & Johnston 2001 as scikit-image publishes them.

    The light that falls through empty glass is taken from the photograph itself, so that neither a dim lamp nor a
    yellow one is taken for stain.
    """
    glass = glass_colour(rgb)
    share = np.clip(rgb.astype(np.float32) / glass, 1 / 255, 1.0)
    stains = separate_stains(share, hed_from_rgb) * _DECADES * np.linalg.norm(rgb_from_hed, axis=1)
    return StainDensities(
        haematoxylin=stains[..., 0].astype(np.float32),
        dab=stains[..., 2].astype(np.float32),
        glass_rgb=tuple(float(value) for value in glass),
    )


def glass_colour(rgb: np.ndarray) -> np.ndarray:
    """Red, green and blue of empty glass: the bright end of each channel, never darker than a lit slide can be."""
    bright = np.percentile(rgb.reshape(-1, 3), _GLASS_PERCENTILE, axis=0)
    return np.clip(bright, _DARKEST_GLASS, 255.0).astype(np.float32)
