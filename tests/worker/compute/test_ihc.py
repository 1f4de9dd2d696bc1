"""Assisted p53 quantification against tiles whose nuclei are known, and against scikit-image's own IHC photograph."""

import io

import numpy as np
import pytest
from PIL import Image
from skimage import data
from skimage.color import rgb_from_hed

from worker.compute.errors import InsufficientData, UnreadableInput
from worker.compute.ihc import DAB_THRESHOLDS_OD, quantify, valley
from worker.compute.ihc_colour import separate
from worker.compute.ihc_overlay import NEGATIVE_RGB, POSITIVE_RGB, draw_overlay
from worker.compute.phantoms.stained_tiles import TileRecipe, make_stained_tile

# QuPath's default vectors of haematoxylin and DAB: another published pair than the one the program separates by.
QUPATH = np.array([[0.651, 0.701, 0.290], [0.07, 0.99, 0.11], [0.269, 0.568, 0.778]])
SIZE = (300, 300)
TILES = {
    "null": TileRecipe(size_yx=SIZE, nuclei=70, positive_share=0.0, cytoplasm_od=0.1, seed=1),
    "wild-type": TileRecipe(size_yx=SIZE, nuclei=80, positive_share=0.2, dab_od=(0.3, 0.6), seed=2),
    "overexpression": TileRecipe(size_yx=SIZE, nuclei=70, positive_share=0.95, cytoplasm_od=0.1, seed=3),
    "crowded": TileRecipe(size_yx=SIZE, nuclei=150, positive_share=0.5, touching_share=0.8, seed=4),
    "small nuclei": TileRecipe(size_yx=(200, 200), nuclei=160, positive_share=0.4, radius_px=5.0, seed=5),
    "large nuclei": TileRecipe(size_yx=(440, 440), nuclei=36, positive_share=0.4, radius_px=20.0, seed=6),
    "pale beside dark": TileRecipe(
        size_yx=SIZE, nuclei=70, positive_share=0.3, haematoxylin_od=(0.15, 0.3), dab_od=(0.9, 1.5), seed=7
    ),
    "yellow light, other vectors": TileRecipe(
        size_yx=SIZE, nuclei=70, positive_share=0.6, background_rgb=(235, 225, 200), vectors=QUPATH, seed=8
    ),
    "uneven sizes": TileRecipe(size_yx=SIZE, nuclei=50, radius_spread=0.3, longest_axis_ratio=2.0, seed=9),
}
WITHIN_POINTS = 4.0


@pytest.mark.parametrize("name", TILES)
def test_the_percentage_of_counted_nuclei_is_found_within_a_few_points(name):
    tile = make_stained_tile(TILES[name])
    found = quantify(_as_jpeg(tile.rgb))
    assert found.percent_positive == pytest.approx(tile.percent_positive, abs=WITHIN_POINTS)
    assert found.nuclei == pytest.approx(len(tile.nuclei), rel=0.15)
    assert (
        found.positive
        == sum(outline.is_positive for outline in found.outlines)
        == found.weak + found.moderate + (found.strong)
    )


def _as_jpeg(rgb: np.ndarray) -> np.ndarray:
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, "JPEG", quality=85)
    return np.asarray(Image.open(out))


def test_the_photograph_of_scikit_image_lies_in_the_range_that_its_colour_vectors_give():
    try:
        rgb = data.immunohistochemistry()
    except (OSError, ModuleNotFoundError):
        pytest.skip("SCIKIT-IMAGE'S OWN IHC PHOTOGRAPH IS MISSING from this installation: it was not quantified.")
    haematoxylin, dab = _by_hand(rgb)
    # Of what haematoxylin marks as nucleus, the share that is brown, at every density that could be the threshold.
    thresholds = np.linspace(*DAB_THRESHOLDS_OD, 5)
    shares = [100 * float((dab[haematoxylin > least_od] > least_od).mean()) for least_od in thresholds]
    found = quantify(rgb)
    assert min(shares) <= found.percent_positive <= max(shares), (min(shares), found.percent_positive, max(shares))
    # FHL2 stains cytoplasm, not nuclei: that has to be said.
    assert any("outside nuclei" in sentence for sentence in found.warnings)


def _by_hand(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Beer and Lambert solved for the three published vectors, without the program's or scikit-image's functions."""
    density = -np.log10(np.maximum(rgb, 1) / 255.0).reshape(-1, 3)
    vectors = rgb_from_hed / np.sqrt((rgb_from_hed**2).sum(axis=1))[:, None]
    solved = np.linalg.solve(vectors.T, density.T)
    return solved[0].reshape(rgb.shape[:2]), solved[2].reshape(rgb.shape[:2])


def test_only_nuclei_whose_centre_lies_in_the_region_count():
    tile = make_stained_tile(TileRecipe(size_yx=SIZE, nuclei=70, positive_share=0.4, seed=11))
    left = [(0, 0), (150, 0), (150, 300), (0, 300)]
    inside = [nucleus for nucleus in tile.nuclei if nucleus.centre_yx[1] < 150]
    found = quantify(tile.rgb, left)
    assert found.nuclei == pytest.approx(len(inside), abs=3)
    assert all(np.mean([x for x, _ in outline.outline_xy]) < 151 for outline in found.outlines)


def test_densities_are_recovered_and_the_lamp_is_not_taken_for_stain():
    vectors = rgb_from_hed / np.linalg.norm(rgb_from_hed, axis=1, keepdims=True)
    lamp = np.array([230.0, 222.0, 205.0])
    rgb = np.tile(lamp, (40, 40, 1))
    rgb[10:20] = lamp * 10 ** -(0.5 * vectors[0])
    rgb[20:30] = lamp * 10 ** -(0.3 * vectors[0] + 0.6 * vectors[2])
    stains = separate(np.rint(rgb).astype(np.uint8))
    assert stains.haematoxylin[15, 5] == pytest.approx(0.5, abs=0.02) and abs(stains.dab[15, 5]) < 0.02
    assert stains.haematoxylin[25, 5] == pytest.approx(0.3, abs=0.02)
    assert stains.dab[25, 5] == pytest.approx(0.6, abs=0.02) and abs(stains.dab[35, 5]) < 0.02


def test_the_threshold_lies_where_the_fewest_nuclei_are():
    assert valley(np.array([0.0, 0.01, 0.9, 0.8])) == pytest.approx(0.2, abs=0.02)
    assert 0.1 < valley(np.array([0.02] * 20 + [0.24] * 20)) < 0.18
    assert 0.22 < valley(np.array([0.12] * 20 + [0.6] * 20)) <= 0.3


def test_the_overlay_draws_positive_and_negative_outlines_where_the_nuclei_are():
    found = quantify(make_stained_tile(TILES["crowded"]).rgb)
    picture = np.asarray(draw_overlay(found, SIZE, scale=0.5))
    assert picture.shape == (150, 150, 4)
    drawn = {tuple(colour[:3]) for colour in picture.reshape(-1, 4) if colour[3]}
    assert {POSITIVE_RGB, NEGATIVE_RGB} <= drawn


def test_what_cannot_be_counted_is_said():
    with pytest.raises(InsufficientData, match="No nucleus"):
        quantify(np.full((200, 200, 3), 240, np.uint8))
    with pytest.raises(UnreadableInput, match="in colour"):
        quantify(np.zeros((200, 200), np.uint8))
    with pytest.raises(UnreadableInput, match="smaller than"):
        quantify(np.zeros((20, 200, 3), np.uint8))
    with pytest.raises(UnreadableInput, match="no polygon"):
        quantify(np.zeros((200, 200, 3), np.uint8), [(0, 0), (100, 100)])
