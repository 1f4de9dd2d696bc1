"""Synthetic p53 photographs: nuclei of known number, place and stain, laid on by the published colour vectors.

Light is absorbed as Beer and Lambert say: the optical density of a pixel is the sum of its stains' densities, each
along its vector (Ruifrok & Johnston, Anal Quant Cytol Histol 23:291, 2001, as scikit-image publishes them).
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.ndimage import gaussian_filter
from skimage.color import rgb_from_hed

# Of one nucleus, how much may lie under its neighbour.
OVERLAP_SHARE = 0.05
_TRIES = 200


@dataclass(frozen=True, kw_only=True)
class TileRecipe:
    """How a tile looks. Lengths in pixels; densities are decadic optical densities along a stain's vector."""

    size_yx: tuple[int, int] = (400, 400)
    nuclei: int = 120
    positive_share: float = 0.4
    radius_px: float = 10.0
    radius_spread: float = 0.15
    longest_axis_ratio: float = 1.5
    touching_share: float = 0.2
    haematoxylin_od: tuple[float, float] = (0.35, 0.8)
    counterstain_of_positive_od: tuple[float, float] = (0.05, 0.3)
    dab_od: tuple[float, float] = (0.45, 1.2)
    cytoplasm_od: float = 0.04
    dab_background_od: float = 0.0
    background_rgb: tuple[int, int, int] = (245, 243, 240)
    chromatin_texture: float = 0.15
    blur_px: float = 0.8
    noise_levels: float = 2.0
    vectors: np.ndarray = field(default_factory=lambda: rgb_from_hed)
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Nucleus:
    """One nucleus as it was laid on."""

    centre_yx: tuple[float, float]
    semi_axes_px: tuple[float, float]
    angle_rad: float
    is_positive: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class StainedTile:
    """``rgb`` is uint8 (height, width, 3)."""

    rgb: np.ndarray
    nuclei: list[Nucleus]

    @property
    def positive_count(self) -> int:
        return sum(nucleus.is_positive for nucleus in self.nuclei)

    @property
    def percent_positive(self) -> float:
        return 100.0 * self.positive_count / max(len(self.nuclei), 1)


def make_stained_tile(recipe: TileRecipe) -> StainedTile:
    """Places nuclei, a share of them touching another, and stains them. Crowded recipes get fewer than asked for."""
    rng = np.random.default_rng(recipe.seed)
    nuclei, owner = _place(recipe, rng)
    haematoxylin, dab = _stain(recipe, nuclei, owner, rng)
    vectors = recipe.vectors / np.linalg.norm(recipe.vectors, axis=1, keepdims=True)
    density = haematoxylin[..., None] * vectors[0] + dab[..., None] * vectors[2]
    light = np.asarray(recipe.background_rgb) * 10.0**-density + rng.normal(0.0, recipe.noise_levels, density.shape)
    return StainedTile(rgb=np.clip(np.rint(light), 0, 255).astype(np.uint8), nuclei=nuclei)


def _place(recipe: TileRecipe, rng: np.random.Generator) -> tuple[list[Nucleus], np.ndarray]:
    """The nuclei, and for every pixel the number of its nucleus, from 1 (0: none)."""
    owner = np.zeros(recipe.size_yx, np.int32)
    placed: list[Nucleus] = []
    for number in range(recipe.nuclei):
        # Spread evenly over the order of placing, so that a crowded tile keeps its share.
        is_positive = int((number + 1) * recipe.positive_share) > int(number * recipe.positive_share)
        for _ in range(_TRIES):
            one = _candidate(recipe, placed, is_positive, rng)
            inside = _inside(one, recipe.size_yx)
            if inside.any() and (owner[inside] > 0).mean() <= (OVERLAP_SHARE if placed else 0):
                owner[inside & (owner == 0)] = len(placed) + 1
                placed.append(one)
                break
    return placed, owner


def _candidate(recipe: TileRecipe, placed: list[Nucleus], is_positive: bool, rng: np.random.Generator) -> Nucleus:
    radius = recipe.radius_px * float(np.exp(rng.normal(0.0, recipe.radius_spread)))
    stretch = float(np.sqrt(rng.uniform(1.0, recipe.longest_axis_ratio)))
    axes = (radius * stretch, radius / stretch)
    margin = axes[0] + 1
    limits = np.asarray(recipe.size_yx) - margin
    centre = rng.uniform(margin, limits)
    if placed and rng.random() < recipe.touching_share:
        other = placed[rng.integers(len(placed))]
        way, reach = rng.uniform(0, 2 * np.pi), (sum(axes) + sum(other.semi_axes_px)) / 2
        beside = np.asarray(other.centre_yx) + reach * np.array([np.sin(way), np.cos(way)])
        centre = np.clip(beside, margin, limits)
    return Nucleus(
        centre_yx=(float(centre[0]), float(centre[1])),
        semi_axes_px=axes,
        angle_rad=float(rng.uniform(0, np.pi)),
        is_positive=is_positive,
    )


def _inside(nucleus: Nucleus, size_yx: tuple[int, int]) -> np.ndarray:
    y, x = np.ogrid[: size_yx[0], : size_yx[1]]
    dy, dx = y - nucleus.centre_yx[0], x - nucleus.centre_yx[1]
    along = dx * np.cos(nucleus.angle_rad) + dy * np.sin(nucleus.angle_rad)
    across = dy * np.cos(nucleus.angle_rad) - dx * np.sin(nucleus.angle_rad)
    return (along / nucleus.semi_axes_px[0]) ** 2 + (across / nucleus.semi_axes_px[1]) ** 2 <= 1


def _stain(
    recipe: TileRecipe, nuclei: list[Nucleus], owner: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Haematoxylin's and DAB's density maps; a negative nucleus takes no DAB at all."""
    blue, brown = np.zeros(len(nuclei) + 1), np.zeros(len(nuclei) + 1)
    for number, nucleus in enumerate(nuclei, 1):
        blue[number] = rng.uniform(
            *(recipe.counterstain_of_positive_od if nucleus.is_positive else recipe.haematoxylin_od)
        )
        brown[number] = rng.uniform(*recipe.dab_od) if nucleus.is_positive else 0.0
    haze = _patchy(rng, owner.shape, 12.0)
    chromatin = 1.0 + recipe.chromatin_texture * _patchy(rng, owner.shape, 1.2)
    haematoxylin = blue[owner] * chromatin + recipe.cytoplasm_od * (1.0 + 0.5 * haze)
    dab = brown[owner] * chromatin + recipe.dab_background_od * (1.0 + 0.5 * haze)
    return tuple(gaussian_filter(np.maximum(stain, 0.0), recipe.blur_px) for stain in (haematoxylin, dab))


def _patchy(rng: np.random.Generator, shape: tuple[int, ...], sigma_px: float) -> np.ndarray:
    """Smooth noise of mean 0 and standard deviation 1."""
    field_ = gaussian_filter(rng.normal(size=shape), sigma_px, mode="wrap")
    return field_ / field_.std()
