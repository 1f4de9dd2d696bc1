"""fast_glcm.py: the same values as PyRadiomics' GLCM, to rounding."""

import numpy as np
import pytest
from radiomics.glcm import RadiomicsGLCM

from tests.worker.compute.radiomics.whole_image import grid, smooth_noise
from worker.compute.nifti import to_image
from worker.compute.radiomics.fast_glcm import FastGLCM
from worker.compute.radiomics.quiet import pyradiomics_log

GRID = grid((9, 11, 10), (2.0, 2.0, 3.0))


def both(array_zyx, **settings):
    mask = np.ones(GRID.shape_zyx, dtype=np.uint32)
    mask[:3, :4] = 0
    images = to_image(array_zyx, GRID), to_image(mask, GRID)
    with pyradiomics_log():
        return FastGLCM(*images, **settings).execute(), RadiomicsGLCM(*images, **settings).execute()


@pytest.mark.parametrize(
    "settings", [{"binWidth": 0.1}, {"binWidth": 1.0}, {"binWidth": 0.5, "symmetricalGLCM": False}, {"binCount": 7}]
)
def test_values_equal_pyradiomics(settings):
    fast, original = both(smooth_noise(GRID.shape_zyx, 5), **settings)
    assert fast.keys() == original.keys() and len(fast) == 24
    for name, value in original.items():
        assert float(fast[name]) == pytest.approx(float(value), rel=1e-12, abs=1e-12), name


def test_flat_region_equals_pyradiomics():
    fast, original = both(np.full(GRID.shape_zyx, 3.0), binWidth=25)
    assert {name: float(value) for name, value in fast.items()} == {n: float(v) for n, v in original.items()}
