"""The environment that nnU-Net reads while it is imported; it must be set before the first import of nnunetv2."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

DATASET_NAME = "Dataset001_PETRA"
"""nnU-Net finds a training's folders by this name; every training has roots of its own, so one name is enough."""

CONFIGURATION = "3d_fullres"
PLANS_NAME = "petraPlans"
AUGMENTATION_PROCESSES = "nnUNet_n_proc_DA"


def raw_root(work_dir: Path) -> Path:
    return work_dir / "raw"


def preprocessed_root(work_dir: Path) -> Path:
    return work_dir / "preprocessed"


def nnunet_environment(work_dir: Path, data_processes: int = 0) -> dict[str, str]:
    """Roots below ``work_dir``; no torch.compile, one thread per process (two collapse on shared cores)."""
    return {
        "nnUNet_raw": str(raw_root(work_dir)),
        "nnUNet_preprocessed": str(preprocessed_root(work_dir)),
        "nnUNet_results": str(work_dir / "results"),
        "nnUNet_compile": "f",
        "nnUNet_def_n_proc": str(max(1, data_processes)),
        AUGMENTATION_PROCESSES: str(data_processes),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MPLBACKEND": "agg",
    }


def prepare_for_prediction() -> None:
    """Sets what nnU-Net needs to predict, where no training has set it; prediction reads none of the roots."""
    unused = Path("/nonexistent")
    for name, value in nnunet_environment(unused).items():
        os.environ.setdefault(name, value)


@contextlib.contextmanager
def planning_environment() -> Iterator[None]:
    """The planner takes the number of augmentation processes as torch's thread count and dies of 0."""
    before = os.environ[AUGMENTATION_PROCESSES]
    os.environ[AUGMENTATION_PROCESSES] = "1"
    try:
        yield
    finally:
        os.environ[AUGMENTATION_PROCESSES] = before
