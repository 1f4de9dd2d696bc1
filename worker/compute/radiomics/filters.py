"""PyRadiomics' own filters on crops of the image, each with the surroundings that give the whole image's values.

Nothing of a filter is written anew. What differs is only what it is given: the box of the region and as many voxels
around it as the filter can see (``cropping.py`` has the pads and why).
"""

from collections.abc import Callable, Iterator

import numpy as np
import SimpleITK as sitk
from radiomics import imageoperations

from worker.compute.nifti import to_image
from worker.compute.radiomics.cropping import (
    GRADIENT_PAD_VOXELS,
    LBP3D_PAD_VOXELS,
    LOG_PAD_SIGMAS,
    WAVELET_PAD_VOXELS,
    Box,
    pad_of_mm,
    periodic_crop,
)
from worker.compute.radiomics.recipe import Recipe
from worker.compute.radiomics.region import Region

NamedImage = tuple[str, np.ndarray]
"""PyRadiomics' name of an image and its values (float64, z, y, x) on the region's box."""

PyRadiomicsFilter = Callable[..., Iterator[tuple[sitk.Image, str, dict]]]

# LBP3D holds about 10 kB per voxel of the region at once.
LBP3D_VOXELS_AT_ONCE = 40_000

_POINTWISE = (
    imageoperations.getSquareImage,
    imageoperations.getSquareRootImage,
    imageoperations.getLogarithmImage,
    imageoperations.getExponentialImage,
)


def filtered_images(region: Region, recipe: Recipe) -> Iterator[NamedImage]:
    """The original and every filtered image that PyRadiomics can make of this one, in the recipe's order."""
    settings = recipe.pyradiomics_settings()
    yield "original", region.array_zyx[region.box.slices()].astype(np.float64)
    yield from _pointwise(region, settings)
    yield from _clipped(region, imageoperations.getGradientImage, (GRADIENT_PAD_VOXELS,) * 3, settings)
    yield from _wavelet(region, settings)
    yield from _lbp3d(region, settings)
    for sigma_mm in recipe.log_sigmas_mm:
        pad = pad_of_mm(LOG_PAD_SIGMAS * sigma_mm, region.geometry)
        yield from _clipped(region, imageoperations.getLoGImage, pad, settings | {"sigma": [float(sigma_mm)]})


def _run(make: PyRadiomicsFilter, crop_zyx: np.ndarray, inside: Box, region: Region, settings: dict):
    image = to_image(region.filled(crop_zyx), region.geometry)
    for filtered, name, _ in make(image, None, **settings):
        yield name, sitk.GetArrayViewFromImage(filtered)[inside.slices()].astype(np.float64)


def _clipped(region: Region, make: PyRadiomicsFilter, pad_zyx: tuple[int, ...], settings: dict) -> Iterator[NamedImage]:
    """A filter that ITK continues at the volume's edges: the crop ends where the volume does."""
    outer = region.box.padded(pad_zyx).clipped(region.array_zyx.shape)
    yield from _run(make, region.array_zyx[outer.slices()], region.box.within(outer), region, settings)


def _pointwise(region: Region, settings: dict) -> Iterator[NamedImage]:
    """The filters that scale by the image's largest absolute value: a slice that holds it comes along."""
    crop_zyx = region.array_zyx[region.box.slices()]
    extreme = np.full_like(crop_zyx[:1], region.extreme_value)
    with_extreme = np.concatenate([crop_zyx, extreme])
    inside = Box((0, 0, 0), crop_zyx.shape)
    for make in _POINTWISE:
        yield from _run(make, with_extreme, inside, region, settings)


def _wavelet(region: Region, settings: dict) -> Iterator[NamedImage]:
    crop_zyx, inside = periodic_crop(region.array_zyx, region.box, WAVELET_PAD_VOXELS)
    yield from _run(imageoperations.getWaveletImage, crop_zyx, inside, region, settings)


def _lbp3d(region: Region, settings: dict) -> Iterator[NamedImage]:
    """LBP3D looks at the region's voxels only, so that a large region can be done slab by slab.

    It interpolates in the image's stored type, as PyRadiomics does: whole HU for an int16 CT.
    """
    images: dict[str, np.ndarray] = {}
    for first, last in slabs(region.mask_zyx, LBP3D_VOXELS_AT_ONCE):
        slab_mask = np.zeros_like(region.mask_zyx)
        slab_mask[first:last] = region.mask_zyx[first:last]
        for name, values in _lbp3d_of_slab(region, slab_mask, first, last, settings):
            images.setdefault(name, np.zeros(region.mask_zyx.shape))[slab_mask] = values
    yield from images.items()


def _lbp3d_of_slab(region: Region, slab_mask: np.ndarray, first: int, last: int, settings: dict):
    z, y, x = region.box.start_zyx
    slab = Box((z + first, y, x), (z + last, *region.box.stop_zyx[1:]))
    outer = slab.padded((LBP3D_PAD_VOXELS,) * 3).clipped(region.array_zyx.shape)
    inside = slab.within(outer).slices()
    mask_zyx = np.zeros(outer.shape_zyx, dtype=np.uint8)
    mask_zyx[inside] = slab_mask[first:last]
    image = to_image(region.filled(region.array_zyx[outer.slices()]), region.geometry)
    mask = to_image(mask_zyx, region.geometry)
    for filtered, name, _ in imageoperations.getLBP3DImage(image, mask, **settings):
        yield name, sitk.GetArrayViewFromImage(filtered)[inside][slab_mask[first:last]]


def slabs(mask_zyx: np.ndarray, voxels_at_once: int) -> list[tuple[int, int]]:
    """Half-open slice ranges that cover the region, each with about so many of its voxels."""
    reached = np.cumsum(mask_zyx.sum(axis=(1, 2))) // voxels_at_once
    starts = [0, *(int(k) + 1 for k in np.flatnonzero(np.diff(reached)))]
    ranges = list(zip(starts, [*starts[1:], mask_zyx.shape[0]], strict=True))
    return [(first, last) for first, last in ranges if mask_zyx[first:last].any()]
