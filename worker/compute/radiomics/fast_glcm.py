"""PyRadiomics' GLCM with the same algebra in fewer steps: values agree to rounding (tested to 1e-12)."""

import logging

import numpy as np
from radiomics.glcm import RadiomicsGLCM


def marginal_by_key(glcm: np.ndarray, key_ij: np.ndarray, n_keys: int) -> np.ndarray:
    """Sums ``glcm`` (voxels, i, j, angles) over all pairs (i, j) of one key; returns (voxels, keys, angles)."""
    n_voxels, _, _, n_angles = glcm.shape
    keys = key_ij.ravel()
    marginal = np.empty((n_voxels, n_keys, n_angles))
    for voxel, angle in np.ndindex(n_voxels, n_angles):
        marginal[voxel, :, angle] = np.bincount(keys, glcm[voxel, :, :, angle].ravel(), minlength=n_keys)
    return marginal


class FastGLCM(RadiomicsGLCM):
    """Without PyRadiomics' mask per grey-level sum and its loop over levels for MCC's Q."""

    def __init__(self, image, mask, **settings) -> None:
        super().__init__(image, mask, **settings)
        self.logger = logging.getLogger(RadiomicsGLCM.__module__)  # where PyRadiomics' messages are collected

    def _calculateCoefficients(self) -> None:
        glcm, n_levels, eps = self.P_glcm, self.coefficients["Ng"], np.spacing(1)
        levels = self.coefficients["grayLevels"].astype(int)
        i, j = np.meshgrid(levels.astype(float), levels.astype(float), indexing="ij", sparse=True)
        self.coefficients |= {
            "eps": eps,
            "i": i,
            "j": j,
            "kValuesSum": np.arange(2, 2 * n_levels + 1, dtype=float),
            "kValuesDiff": np.arange(0, n_levels, dtype=float),
            "px": glcm.sum(2, keepdims=True),
            "py": glcm.sum(1, keepdims=True),
            "ux": np.sum(i[None, :, :, None] * glcm, (1, 2), keepdims=True),
            "uy": np.sum(j[None, :, :, None] * glcm, (1, 2), keepdims=True),
            "pxAddy": marginal_by_key(glcm, np.add.outer(levels, levels) - 2, 2 * n_levels - 1),
            "pxSuby": marginal_by_key(glcm, np.abs(np.subtract.outer(levels, levels)), n_levels),
            "HXY": -np.sum(glcm * np.log2(glcm + eps), (1, 2)),
        }

    def getMCCFeatureValue(self):  # noqa: N802 - PyRadiomics finds features by this spelling
        """Q(i, j) = sum over k of p(i, k) p(j, k) / (px(i) py(k)), as one matrix product per angle."""
        if self.P_glcm.shape[1] < 2:
            return 1  # PyRadiomics' value for a flat region
        glcm = self.P_glcm.transpose(0, 3, 1, 2)
        px = self.coefficients["px"][:, :, 0, :].transpose(0, 2, 1)
        py = self.coefficients["py"][:, 0, :, :].transpose(0, 2, 1)
        weighted = glcm / (px[..., :, None] * py[..., None, :] + self.coefficients["eps"])
        eigenvalues = np.linalg.eigvals(weighted @ glcm.swapaxes(2, 3))
        eigenvalues.sort()
        return np.nanmean(np.sqrt(eigenvalues[:, :, -2]), 1).real
