"""Fingerprint, plans and preprocessing: nnU-Net's own steps, case by case, so that they report and stop."""

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from nnunetv2.experiment_planning.dataset_fingerprint.fingerprint_extractor import DatasetFingerprintExtractor
from nnunetv2.experiment_planning.experiment_planners.default_experiment_planner import ExperimentPlanner
from nnunetv2.imageio.simpleitk_reader_writer import SimpleITKIO
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

from worker.compute.segmentation.dataset import TrainingCase
from worker.compute.segmentation.environment import CONFIGURATION, DATASET_NAME, PLANS_NAME
from worker.compute.segmentation.settings import SegmentationSettings

PERCENTILES = (0.5, 50.0, 99.5)
WIDTH_RATIO = 10
"""nnU-Net's widest layer has ten times the features of its first (320 and 32)."""


class PetraPlanner(ExperimentPlanner):
    """nnU-Net's planner at another width, with coarser voxels where the settings set a budget."""

    def __init__(self, settings: SegmentationSettings) -> None:
        super().__init__(DATASET_NAME, gpu_memory_target_in_gb=settings.planner_memory_gb, plans_name=PLANS_NAME)
        self.settings = settings
        self.UNet_base_num_features = settings.base_features
        self.UNet_max_features_3d = self.UNet_max_features_2d = settings.base_features * WIDTH_RATIO

    def determine_fullres_target_spacing(self) -> np.ndarray:
        spacing_zyx_mm = super().determine_fullres_target_spacing()
        if self.settings.voxel_budget is None:
            return spacing_zyx_mm
        extent_zyx_mm = np.median(
            np.array(self.dataset_fingerprint["shapes_after_crop"]) * np.array(self.dataset_fingerprint["spacings"]),
            axis=0,
        )
        return coarsened_spacing(spacing_zyx_mm, extent_zyx_mm, self.settings.voxel_budget)

    def get_plans_for_configuration(self, spacing, median_shape, *args, **kwargs) -> dict:
        """The parent plans no patch beyond the median shape, so a smaller patch is asked for by a smaller shape."""
        edge = self.settings.patch_edge_voxels
        if edge is None or len(spacing) < 3:
            plan = super().get_plans_for_configuration(spacing, median_shape, *args, **kwargs)
        else:
            plan = super().get_plans_for_configuration(spacing, np.minimum(median_shape, edge), *args, **kwargs)
            plan["median_image_size_in_voxels"] = median_shape
        return {**plan, "batch_size": self.settings.batch_size or plan["batch_size"]}

    def determine_resampling(self, *args, **kwargs):
        data_fn, data_kwargs, label_fn, label_kwargs = super().determine_resampling(*args, **kwargs)
        return data_fn, {**data_kwargs, "order": self.settings.image_resampling_order}, label_fn, label_kwargs


def coarsened_spacing(spacing_zyx_mm: np.ndarray, extent_zyx_mm: np.ndarray, voxel_budget: int) -> np.ndarray:
    """The spacing that keeps ``extent_zyx_mm`` within ``voxel_budget`` voxels; the finest axes are coarsened first.

    Never finer than ``spacing_zyx_mm``: every axis becomes max(own, s) for the smallest s that fits.
    """
    finest_mm, coarsest_mm = 0.0, float(extent_zyx_mm.max())
    if np.prod(extent_zyx_mm / spacing_zyx_mm) <= voxel_budget:
        return spacing_zyx_mm
    for _ in range(50):
        middle_mm = (finest_mm + coarsest_mm) / 2
        if np.prod(extent_zyx_mm / np.maximum(spacing_zyx_mm, middle_mm)) <= voxel_budget:
            coarsest_mm = middle_mm
        else:
            finest_mm = middle_mm
    return np.maximum(spacing_zyx_mm, coarsest_mm)


def over_cases(work: Callable, cases: Iterable[tuple], processes: int) -> Iterator:
    """``work(*arguments)`` for each case in order, in this process or, from two on, in a pool of its own."""
    if processes < 2:
        yield from (work(*arguments) for arguments in cases)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        pending = [pool.submit(work, *arguments) for arguments in cases]
        yield from (future.result() for future in pending)


def fingerprint(
    cases: list[TrainingCase], settings: SegmentationSettings, on_case: Callable[[TrainingCase], None]
) -> dict:
    """nnU-Net's dataset fingerprint: sizes, spacings and the intensities of the tumour voxels of each channel."""
    samples = max(1, int(settings.intensity_samples // len(cases)))
    arguments = (
        ([str(case.ct_path), str(case.suv_bw_path)], str(case.label_path), SimpleITKIO, samples) for case in cases
    )
    found = []
    for case, result in zip(
        cases, over_cases(DatasetFingerprintExtractor.analyze_case, arguments, settings.data_processes), strict=True
    ):
        on_case(case)
        found.append(result)
    return {
        "spacings": [[float(s) for s in result[1]] for result in found],
        "shapes_after_crop": [[int(n) for n in result[0]] for result in found],
        "foreground_intensity_properties_per_channel": {
            str(channel): _intensities(np.concatenate([result[2][channel] for result in found])) for channel in (0, 1)
        },
        "median_relative_size_after_cropping": float(np.median([result[4] for result in found])),
    }


def _intensities(values: np.ndarray) -> dict[str, float]:
    low, median, high = np.percentile(values, PERCENTILES)
    return {
        "mean": float(values.mean()),
        "median": float(median),
        "std": float(values.std()),
        "min": float(values.min()),
        "max": float(values.max()),
        "percentile_00_5": float(low),
        "percentile_99_5": float(high),
    }


def preprocess(
    cases: list[TrainingCase],
    preprocessed_dir: Path,
    dataset: dict,
    settings: SegmentationSettings,
    on_case: Callable[[TrainingCase], None],
) -> None:
    """Normalises and resamples each case into nnU-Net's folder for the configuration."""
    plans = PlansManager(json.loads((preprocessed_dir / f"{PLANS_NAME}.json").read_text()))
    configuration = plans.get_configuration(CONFIGURATION)
    output_dir = preprocessed_dir / configuration.data_identifier
    output_dir.mkdir(parents=True, exist_ok=True)
    preprocessor = configuration.preprocessor_class(verbose=False)
    arguments = (
        (
            str(output_dir / case.name),
            [str(case.ct_path), str(case.suv_bw_path)],
            str(case.label_path),
            plans,
            configuration,
            dataset,
        )
        for case in cases
    )
    for case, _ in zip(cases, over_cases(preprocessor.run_case_save, arguments, settings.data_processes), strict=True):
        on_case(case)
