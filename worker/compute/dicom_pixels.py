"""Stored pixels to real values: any transfer syntax that the installed decoders know, rescaled slice by slice."""

import warnings

import numpy as np
from pydicom.dataset import Dataset

from worker.compute.dicom_files import reason
from worker.compute.dicom_planes import Plane, name_of
from worker.compute.errors import UnreadableInput

_INT16 = np.iinfo(np.int16)


def real_values(planes: tuple[Plane, ...]) -> np.ndarray:
    """The volume (z, y, x) of ordered planes after each one's own rescale.

    int16 where every value is a whole number that fits (CT in HU), otherwise float32. Raises UnreadableInput where
    pixels are missing, truncated, coloured or compressed in an unknown way.
    """
    whole = all(plane.slope == 1 and plane.intercept == round(plane.intercept) for plane in planes)
    array_zyx = np.empty((len(planes), planes[0].size_xy[1], planes[0].size_xy[0]), dtype=np.float32)
    fits = whole
    frames: dict[int, np.ndarray] = {}
    for z, plane in enumerate(planes):
        stored = frames.get(id(plane.dataset))
        if stored is None:
            frames = {id(plane.dataset): (stored := _stored_frames(plane.dataset))}
        values = stored[plane.frame_index].astype(np.float64) * plane.slope + plane.intercept
        fits = fits and _INT16.min <= values.min() and values.max() <= _INT16.max
        array_zyx[z] = values
    return array_zyx.astype(np.int16) if fits else array_zyx


def stored_alike(a: Dataset, b: Dataset) -> bool:
    """Whether two files hold the same stored values, however each is compressed. Raises UnreadableInput."""
    return np.array_equal(_stored_frames(a), _stored_frames(b))


def _stored_frames(dataset: Dataset) -> np.ndarray:
    """Stored values (frame, row, column) of one file."""
    name = name_of(dataset)
    if int(dataset.get("SamplesPerPixel") or 1) != 1:
        raise UnreadableInput(f"{name} is a colour image, not measured values: give the original CT or PET series.")
    if "ModalityLUTSequence" in dataset:
        raise UnreadableInput(
            f"{name} maps its values by a Modality LUT, which CT and PET do not use: give the original series."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Trailing padding is common and harmless; too few pixels raise.
            stored = dataset.pixel_array
    except Exception as error:  # Each decoder has errors of its own; all of them mean that this file's pixels are lost.
        raise UnreadableInput(
            f"The pixels of {name} cannot be read ({reason(error)}): send this image again."
        ) from error
    return stored.reshape(-1, int(dataset.Rows), int(dataset.Columns))
