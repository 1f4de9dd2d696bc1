"""Segments one PET/CT with the ensemble of a trained model, or with chosen folds of it."""

import contextlib
import sys
from pathlib import Path

import numpy as np

from worker.compute.errors import ComputeError, InsufficientData
from worker.compute.resample import resample_to
from worker.compute.segmentation.environment import prepare_for_prediction
from worker.compute.segmentation.manifest import ModelManifest, read_verified_manifest
from worker.compute.segmentation.settings import SegmentationSettings
from worker.compute.types import Volume


def predict_case(
    model_dir: Path,
    ct: Volume,
    suv_bw: Volume,
    folds: list[int] | None = None,
    *,
    manifest_sha256: str | None = None,
) -> Volume:
    """The tumour mask (0 or 1, uint8) on the grid of ``ct`` (HU); ``suv_bw`` is resampled to it where it differs.

    ``folds=None`` averages the logits of every fold; ``[k]`` takes one, as for a patient of the training data, whose
    mask must come from a fold that never saw it (``ModelManifest.folds_without``). Sliding window with Gaussian weights
    and mirroring over the axes of the model's settings. Raises ComputeError for a foreign or changed model.
    """
    manifest = read_verified_manifest(Path(model_dir), manifest_sha256)
    chosen = _chosen_folds(manifest, folds)
    if not suv_bw.geometry.same_grid(ct.geometry):
        suv_bw, missing_zyx = resample_to(suv_bw, ct.geometry, interpolation="linear")
        suv_bw = suv_bw.with_array(np.where(missing_zyx, 0.0, suv_bw.array_zyx))
    for what, image in (("CT", ct), ("SUVbw image", suv_bw)):
        if not np.isfinite(image.array_zyx).all():
            raise ComputeError(f"The {what} holds values that are not finite; export it again.")
    mask_zyx = _predict(Path(model_dir), chosen, SegmentationSettings.from_json(manifest.settings), ct, suv_bw)
    return Volume(array_zyx=mask_zyx, geometry=ct.geometry, unit="label")


def _chosen_folds(manifest: ModelManifest, folds: list[int] | None) -> list[int]:
    every = list(range(len(manifest.folds)))
    if folds is None:
        return every
    if not folds or not set(folds) <= set(every):
        raise InsufficientData(f"The model has the folds {every}, not {folds}; choose among them.")
    return list(folds)


def _predict(
    model_dir: Path, folds: list[int], settings: SegmentationSettings, ct: Volume, suv_bw: Volume
) -> np.ndarray:
    """nnU-Net's arrays are (channel, z, y, x) with spacing in z, y, x; what it prints goes to standard error."""
    prepare_for_prediction()
    with contextlib.redirect_stdout(sys.stderr):
        from worker.compute.segmentation.predictor import load_predictor

        predictor = load_predictor(model_dir, folds, settings)
        channels = np.stack([ct.array_zyx, suv_bw.array_zyx]).astype(np.float32)
        spacing_zyx_mm = [float(s) for s in reversed(ct.geometry.spacing_mm)]
        return predictor.predict_single_npy_array(channels, {"spacing": spacing_zyx_mm}).astype(np.uint8)
