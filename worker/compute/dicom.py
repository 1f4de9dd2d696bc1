"""A folder of DICOM images to one series on a regular grid: ordered by position, checked, with its warnings."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    CTImageStorage,
    EnhancedCTImageStorage,
    EnhancedPETImageStorage,
    PositronEmissionTomographyImageStorage,
)

from worker.compute.dicom_files import SeriesGroup, SeriesIndex, files_below, group_series, read_header, reason
from worker.compute.dicom_grid import order_planes, regular_grid
from worker.compute.dicom_pixels import real_values, stored_alike
from worker.compute.dicom_planes import Plane, name_of, planes_of
from worker.compute.errors import ComputeError, UnreadableInput
from worker.compute.types import Geometry, Volume

__all__ = ["DicomSeries", "SeriesIndex", "group_series", "read_series", "read_volume", "series_from_files", "volume_of"]

IMAGE_CLASSES = {
    CTImageStorage: "CT",
    EnhancedCTImageStorage: "CT",
    PositronEmissionTomographyImageStorage: "PT",
    EnhancedPETImageStorage: "PT",
}
"""The storage classes whose values are measured: HU, or activity. Secondary captures and MR are not among them."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DicomSeries:
    """One CT or PET series, its ``datasets`` and ``planes`` ordered along the slice normal, on a regular ``geometry``.

    A classic series has one dataset for each plane; an enhanced one has one dataset for many planes.
    """

    series_uid: str
    modality: str
    datasets: tuple[Dataset, ...]
    planes: tuple[Plane, ...]
    geometry: Geometry
    warnings: tuple[str, ...] = ()

    @property
    def unit(self) -> str:
        """HU for CT, the Units attribute (DICOM PS3.3 C.8.9.1) for PET: BQML, GML, CNTS…"""
        return "HU" if self.modality == "CT" else str(self.datasets[0].get("Units") or "").strip().upper()


def read_series(folder: Path | str, series_uid: str | None = None) -> DicomSeries:
    """The one CT or PET series of a folder and its sub-folders; other files may lie beside it.

    Raises UnreadableInput where there is none, or several and no ``series_uid`` to choose by, and where a file is
    damaged; GeometryMismatch where the slices make no regular grid.
    """
    if not Path(folder).is_dir():
        raise UnreadableInput(f"{folder} is not a folder: give the folder that holds the DICOM series.")
    group, warnings = _choose(group_series(files_below(folder)), Path(folder), series_uid)
    return series_from_files(group.paths, warnings)


def series_from_files(paths: Iterable[Path | str], warnings: tuple[str, ...] = ()) -> DicomSeries:
    """The series of exactly these files. Raises as ``read_series``."""
    datasets = [_read(Path(path)) for path in paths]
    try:
        return _series(datasets, warnings)
    except ComputeError:
        raise
    except Exception as error:  # A damaged element raises out of pydicom's value classes when it is first looked at.
        raise UnreadableInput(
            f"A header of the series is damaged ({reason(error)}): export the series again."
        ) from error


def _series(read: list[Dataset], warnings: tuple[str, ...]) -> DicomSeries:
    datasets, repeated = _without_repeats(read)
    planes = tuple(order_planes([plane for dataset in datasets for plane in planes_of(dataset)]))
    first = planes[0].dataset
    geometry, uneven = regular_grid(list(planes), str(first.get("FrameOfReferenceUID") or ""))
    return DicomSeries(
        series_uid=str(first.SeriesInstanceUID),
        modality=IMAGE_CLASSES.get(str(first.SOPClassUID), str(first.get("Modality") or "")),
        datasets=tuple({id(plane.dataset): plane.dataset for plane in planes}.values()),
        planes=planes,
        geometry=geometry,
        warnings=(*warnings, *repeated, *uneven, *_compression_warning(datasets)),
    )


def volume_of(series: DicomSeries) -> Volume:
    """The voxels of a series after rescale: CT in HU, PET in its stored unit."""
    metadata = {"modality": series.modality, "series_uid": series.series_uid, "warnings": list(series.warnings)}
    return Volume(array_zyx=real_values(series.planes), geometry=series.geometry, unit=series.unit, metadata=metadata)


def read_volume(folder: Path | str, series_uid: str | None = None) -> Volume:
    """``volume_of(read_series(folder))``."""
    return volume_of(read_series(folder, series_uid))


def _choose(index: SeriesIndex, folder: Path, series_uid: str | None) -> tuple[SeriesGroup, tuple[str, ...]]:
    images = [group for group in index.groups if group.sop_class_uid in IMAGE_CLASSES]
    if series_uid is not None:
        images = [group for group in images if group.series_uid == series_uid]
    stacks = [group for group in images if not group.is_localizer] or images
    if not stacks:
        raise UnreadableInput(f"{folder} holds no CT or PET image series{_instead(index)}: give the folder of one.")
    if len(stacks) > 1:
        found = "; ".join(group.describe() for group in stacks)
        raise UnreadableInput(
            f"{folder} holds {len(stacks)} image stacks, so give the folder (or the UID) of one: {found}."
        )
    skipped = [f"A localizer was left out: {group.describe()}." for group in images if group not in stacks]
    beside = [group.describe() for group in index.groups if group not in images]
    skipped += [f"Not part of the series and left out: {'; '.join(beside)}."] if beside else []
    skipped += [outcome.sentence for outcome in index.unreadable]
    return stacks[0], tuple(skipped)


def _instead(index: SeriesIndex) -> str:
    others = [f"{group.describe()} of class {UID(group.sop_class_uid).name}" for group in index.groups] + [
        outcome.sentence.rstrip(".") for outcome in index.unreadable
    ]
    more = f" and {len(others) - 3} more" if len(others) > 3 else ""
    return f" (found: {'; '.join(others[:3])}{more})" if others else ""


def _read(path: Path) -> Dataset:
    try:
        return read_header(path, pixels=True)
    except Exception as error:  # A truncated or damaged file raises anything out of the parser.
        raise UnreadableInput(
            f"{path.name} cannot be read as DICOM ({reason(error)}): send this file again."
        ) from error


def _without_repeats(datasets: list[Dataset]) -> tuple[list[Dataset], tuple[str, ...]]:
    """Each instance once; the same SOPInstanceUID twice is the same image sent twice, or a contradiction."""
    unique: dict[str, Dataset] = {}
    for dataset in datasets:
        first = unique.setdefault(str(dataset.get("SOPInstanceUID") or name_of(dataset)), dataset)
        if first is not dataset and not _same_image(first, dataset):
            raise UnreadableInput(
                f"{name_of(first)} and {name_of(dataset)} have one SOPInstanceUID but differ: leave the wrong one out."
            )
    count = len(datasets) - len(unique)
    return list(unique.values()), (f"{count} images were sent twice and are used once.",) if count else ()


def _same_image(a: Dataset, b: Dataset) -> bool:
    """Whether two files show the same values at the same place; one may be compressed and the other not."""
    placed = ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "RescaleSlope", "RescaleIntercept")
    if any(a.get(name) != b.get(name) for name in placed):
        return False
    return a.get("PixelData") == b.get("PixelData") or stored_alike(a, b)


def _compression_warning(datasets: list[Dataset]) -> tuple[str, ...]:
    lossy = sum(str(dataset.get("LossyImageCompression") or "").strip() == "01" for dataset in datasets)
    if not lossy:
        return ()
    return (
        f"{lossy} of {len(datasets)} images were compressed with loss: their values are not those that were measured.",
    )
