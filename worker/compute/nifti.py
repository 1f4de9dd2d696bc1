"""NIfTI in and out through SimpleITK: RAS in the file, LPS in memory, unit and frame in the description."""

import re
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from worker.compute.errors import UnreadableInput
from worker.compute.types import Geometry, Volume

# ITK's name for the 80 characters of the NIfTI field `descrip`; "SUVbw FoR=" and a UID of 64 characters fit.
_DESCRIPTION_KEY = "ITK_FileNotes"
_DESCRIPTION = re.compile(r"^(?P<unit>\S*) FoR=(?P<frame>[0-9.]*)$")


def geometry_of(image: sitk.Image, frame_of_reference_uid: str = "") -> Geometry:
    """The grid of a 3-D SimpleITK image."""
    return Geometry(
        size_xyz=image.GetSize(),
        spacing_mm=image.GetSpacing(),
        origin_lps_mm=image.GetOrigin(),
        direction=image.GetDirection(),
        frame_of_reference_uid=frame_of_reference_uid,
    )


def to_image(array_zyx: np.ndarray, geometry: Geometry) -> sitk.Image:
    """A SimpleITK image of the voxels on their grid; booleans become bytes."""
    image = sitk.GetImageFromArray(array_zyx.astype(np.uint8) if array_zyx.dtype == bool else array_zyx)
    image.SetSpacing(geometry.spacing_mm)
    image.SetOrigin(geometry.origin_lps_mm)
    image.SetDirection(geometry.direction)
    return image


def read_nifti(path: Path | str) -> Volume:
    """A 3-D NIfTI file; unit and frame of reference are known where PETRA wrote it. Raises UnreadableInput."""
    if not Path(path).is_file():
        raise UnreadableInput(f"{path} is not a file: give the path of a NIfTI file.")
    try:
        image = sitk.ReadImage(str(path), imageIO="NiftiImageIO")
    except RuntimeError as error:
        raise UnreadableInput(f"{path} is not a readable NIfTI volume ({_reason(error)}): export it again.") from error
    if image.GetNumberOfComponentsPerPixel() != 1 or not _is_volume(image):
        raise UnreadableInput(f"{path} is not one 3-D volume of single values: give one time point and one channel.")
    image = image[..., 0] if image.GetDimension() == 4 else image
    found = _DESCRIPTION.match(image.GetMetaData(_DESCRIPTION_KEY) if image.HasMetaDataKey(_DESCRIPTION_KEY) else "")
    unit, frame = (found["unit"], found["frame"]) if found else ("", "")
    return Volume(array_zyx=sitk.GetArrayFromImage(image), geometry=geometry_of(image, frame), unit=unit)


def write_nifti(volume: Volume, path: Path | str) -> None:
    """Writes .nii or .nii.gz; booleans become bytes. Raises UnreadableInput where the path cannot be written."""
    if not str(path).endswith((".nii", ".nii.gz")):
        raise UnreadableInput(f"{path} is not a NIfTI name: end it in .nii.gz or .nii.")
    image = to_image(volume.array_zyx, volume.geometry)
    image.SetMetaData(_DESCRIPTION_KEY, f"{volume.unit} FoR={volume.geometry.frame_of_reference_uid}")
    try:
        sitk.WriteImage(image, str(path), useCompression=True, compressionLevel=1)
    except RuntimeError as error:
        raise UnreadableInput(
            f"{path} could not be written ({_reason(error)}): choose a folder that exists."
        ) from error


def _is_volume(image: sitk.Image) -> bool:
    return image.GetDimension() == 3 or (image.GetDimension() == 4 and image.GetSize()[3] == 1)


def _reason(error: RuntimeError) -> str:
    """The last line of an ITK exception, which says what happened, without the address of the object that says it."""
    return re.sub(r"^(ITK ERROR: )?\w+\(0x[0-9a-f]+\): ", "", str(error).strip().splitlines()[-1].strip()).rstrip(".")
