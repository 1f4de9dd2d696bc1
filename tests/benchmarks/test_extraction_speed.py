"""Features from a crop against their peer, PyRadiomics on the whole image: equal values, and the ratio of time."""

import time

import pytest

from tests.worker.compute.radiomics.whole_image import as_sitk, ball_mask, ct_volume, direct_features, grid
from worker.compute.radiomics.extraction import extract_features
from worker.compute.radiomics.recipe import standard_recipe

SHAPE_ZYX, SPACING_MM = (64, 128, 128), (2.0, 2.0, 3.0)


@pytest.mark.slow
def test_a_crop_gives_the_values_of_the_whole_image(capsys):
    geometry = grid(SHAPE_ZYX, SPACING_MM)
    image, mask = ct_volume(geometry), ball_mask(geometry, (32, 64, 64), (6, 8, 8))
    recipe = standard_recipe("tumour", "ct")
    peer_s, peer = timed(lambda: direct_features(as_sitk(image), as_sitk(mask), recipe))
    own_s, own = timed(lambda: extract_features(image, mask, recipe))
    with capsys.disabled():
        print(
            f"\ntumour features, CT {SHAPE_ZYX}: {own_s:.1f} s, PyRadiomics {peer_s:.1f} s, ratio {peer_s / own_s:.1f}"
        )
    assert dict(zip(own.names, own.values, strict=True)) == pytest.approx({n: peer[n] for n in own.names}, rel=1e-6)


def timed(call):
    # CPU time, so that what else the machine does is not measured.
    started = time.process_time()
    result = call()
    return time.process_time() - started, result
