"""nnU-Net's raw layout as PETRA takes it: imagesTr/CASE_0000 (CT), CASE_0001 (SUVbw), labelsTr/CASE."""

import gzip
import json
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from worker.compute.errors import ComputeError, EmptyMask, GeometryMismatch, InsufficientData, UnreadableInput
from worker.compute.nifti import read_nifti
from worker.compute.segmentation.manifest import file_sha256

CHUNK_BYTES = 1 << 20
FILE_ENDING = ".nii.gz"
CHANNELS = {"0000": "CT", "0001": "SUVbw"}
LABELS = {"background": 0, "tumour": 1}


@dataclass(frozen=True, kw_only=True)
class TrainingCase:
    """The three files of one case, on one grid."""

    name: str
    patient: str
    ct_path: Path
    suv_bw_path: Path
    label_path: Path

    @property
    def paths(self) -> tuple[Path, Path, Path]:
        return (self.ct_path, self.suv_bw_path, self.label_path)


def find_cases(dataset_dir: Path) -> list[TrainingCase]:
    """Every case of the folder in order of name, each with its three files.

    ``patients.json`` (case to patient), where there is one, says which cases are of one person; otherwise a case is a
    patient. Raises UnreadableInput for a missing folder, channel or label.
    """
    images_dir, labels_dir = dataset_dir / "imagesTr", dataset_dir / "labelsTr"
    for folder in (images_dir, labels_dir):
        if not folder.is_dir():
            raise UnreadableInput(f"{dataset_dir} has no folder {folder.name}; nnU-Net's raw layout needs it.")
    names = {path.name[: -len(FILE_ENDING)] for path in labels_dir.glob(f"*{FILE_ENDING}")}
    names |= {path.name[: -len(FILE_ENDING)].rsplit("_", 1)[0] for path in images_dir.glob(f"*{FILE_ENDING}")}
    if not names:
        raise InsufficientData(f"{dataset_dir} holds no case; put {FILE_ENDING} files into imagesTr and labelsTr.")
    patients = read_patients(dataset_dir)
    return [_case(dataset_dir, name, patients.get(name, name)) for name in sorted(names)]


def read_patients(dataset_dir: Path) -> dict[str, str]:
    """``patients.json``: the patient of each case, empty where every case is another patient."""
    path = dataset_dir / "patients.json"
    if not path.exists():
        return {}
    try:
        value = json.loads(path.read_text())
        return {str(case): str(patient) for case, patient in value.items()}
    except (ValueError, AttributeError) as error:
        raise UnreadableInput(f"{path} is not a JSON object of case names and patients: {error}.") from error


def _case(dataset_dir: Path, name: str, patient: str) -> TrainingCase:
    images = {channel: dataset_dir / "imagesTr" / f"{name}_{channel}{FILE_ENDING}" for channel in CHANNELS}
    label_path = dataset_dir / "labelsTr" / f"{name}{FILE_ENDING}"
    for channel, path in images.items():
        if not path.is_file():
            raise UnreadableInput(
                f"Case {name} has no {CHANNELS[channel]} channel; {path.name} is missing in imagesTr."
            )
    if not label_path.is_file():
        raise UnreadableInput(f"Case {name} has no label; {label_path.name} is missing in labelsTr.")
    return TrainingCase(
        name=name, patient=patient, ct_path=images["0000"], suv_bw_path=images["0001"], label_path=label_path
    )


def check_case(case: TrainingCase) -> None:
    """Refuses a case that nnU-Net would learn wrong things from, or die of.

    Raises GeometryMismatch for different grids, EmptyMask for a label without tumour, ComputeError for values.
    """
    for path in case.paths:
        _check_whole(path)
    ct, suv_bw, label = (read_nifti(path) for path in case.paths)
    for what, other in (("SUVbw image", suv_bw), ("label", label)):
        if not ct.geometry.same_grid(other.geometry):
            raise GeometryMismatch(
                f"Case {case.name}: the {what} has {other.geometry.describe()} and the CT {ct.geometry.describe()};"
                " resample both to one grid."
            )
    values = np.unique(label.array_zyx)
    wrong = [f"{value:g}" for value in values if value not in LABELS.values()]
    if wrong:
        raise ComputeError(
            f"Case {case.name}: the label holds {', '.join(wrong[:5])}; only 0 (background) and 1 (tumour) are trained."
        )
    if not (values == LABELS["tumour"]).any():
        raise EmptyMask(f"Case {case.name}: the label has no tumour voxel; draw it or leave the case out.")


def _check_whole(path: Path) -> None:
    """ITK reads a truncated .nii.gz as zeros without a word."""
    try:
        with gzip.open(path) as stream:
            while stream.read(CHUNK_BYTES):
                pass
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableInput(f"{path} is damaged ({error}); export it again.") from error


def dataset_json(cases: list[TrainingCase], pet_channel_name: str) -> dict:
    """nnU-Net's dataset.json with file lists, so that nothing is copied and no folder is searched."""
    return {
        "channel_names": {"0": "CT", "1": pet_channel_name},
        "labels": LABELS,
        "numTraining": len(cases),
        "file_ending": FILE_ENDING,
        "overwrite_image_reader_writer": "SimpleITKIO",
        "dataset": {
            case.name: {
                "images": [str(case.ct_path.resolve()), str(case.suv_bw_path.resolve())],
                "label": str(case.label_path.resolve()),
            }
            for case in cases
        },
    }


def case_digests(cases: list[TrainingCase]) -> dict[str, list[str]]:
    """SHA-256 of each case's CT, SUVbw image and label: what a model was trained on."""
    return {case.name: [file_sha256(path) for path in case.paths] for case in cases}
