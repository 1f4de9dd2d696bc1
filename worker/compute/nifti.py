"""NIfTI in and out: RAS in the file, LPS in memory, unit and frame of reference in the description."""

import os
import re
import zlib
from pathlib import Path

import nibabel
import numpy as np
import SimpleITK as sitk

from worker.compute.command_line import require_writable_file
from worker.compute.errors import UnreadableInput
from worker.compute.types import Geometry, Volume

# ITK's name for the 80 characters of the NIfTI field `descrip`; "SUVbw FoR=" and a UID of 64 characters fit.
_DESCRIPTION_KEY = "ITK_FileNotes"
_DESCRIPTION = re.compile(r"^(?P<unit>\S*) FoR=(?P<frame>[0-9.]*)$")


def geometry_of(image: sitk.Image | sitk.ImageFileReader, frame_of_reference_uid: str = "") -> Geometry:
    """The grid of a SimpleITK image or header: its first three axes, of which a fourth may have length one."""
    dimension = image.GetDimension()
    direction = np.array(image.GetDirection()).reshape(dimension, dimension)[:3, :3]
    return Geometry(
        size_xyz=image.GetSize()[:3],
        spacing_mm=image.GetSpacing()[:3],
        origin_lps_mm=image.GetOrigin()[:3],
        direction=tuple(float(d) for d in direction.ravel()),
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
    header = sitk.ImageFileReader()
    header.SetFileName(str(path))
    header.SetImageIO("NiftiImageIO")
    try:
        image = nibabel.load(path)
        _check_format(image)
        _check_affine(image.affine)  # ITK prints a page about one that it cannot decompose.
        header.ReadImageInformation()
        voxels_xyz = np.asarray(image.dataobj)  # ITK's reader turns NaN, which marks missing voxels, into 0.
    except (RuntimeError, OSError, ValueError, EOFError, zlib.error, nibabel.filebasedimages.ImageFileError) as error:
        raise UnreadableInput(f"{path} is not a readable NIfTI volume ({_reason(error)}): export it again.") from error
    if header.GetNumberOfComponents() != 1 or not _is_volume(header.GetSize()):
        raise UnreadableInput(f"{path} is not one 3-D volume of single values: give one time point and one channel.")
    found = _DESCRIPTION.match(header.GetMetaData(_DESCRIPTION_KEY) if header.HasMetaDataKey(_DESCRIPTION_KEY) else "")
    unit, frame = (found["unit"], found["frame"]) if found else ("", "")
    geometry = geometry_of(header, frame)
    array_zyx = np.ascontiguousarray(voxels_xyz.reshape(geometry.size_xyz).T)
    return Volume(array_zyx=_native(array_zyx), geometry=geometry, unit=unit)


def require_unit(volume: Volume, unit: str, path: Path | str) -> Volume:
    """The volume, unless its file says another unit; files of other programs say none. Raises UnreadableInput."""
    if volume.unit not in ("", unit):
        raise UnreadableInput(f"{path} is in {volume.unit}, where {unit} is needed: give the volume in {unit}.")
    return volume


def write_nifti(volume: Volume, path: Path | str) -> None:
    """Writes .nii or .nii.gz, whole or not at all; booleans become bytes. Raises UnreadableInput where it cannot."""
    if not str(path).endswith((".nii", ".nii.gz")):
        raise UnreadableInput(f"{path} is not a NIfTI name: end it in .nii.gz or .nii.")
    require_writable_file(path)  # ITK's NIfTI library prints about it before it fails.
    image = to_image(volume.array_zyx, volume.geometry)
    image.SetMetaData(_DESCRIPTION_KEY, f"{volume.unit} FoR={volume.geometry.frame_of_reference_uid}")
    partial = Path(path).with_name(f".{os.getpid()}.partial.{Path(path).name}")
    try:
        sitk.WriteImage(image, str(partial), useCompression=True, compressionLevel=1)
        os.replace(partial, path)
    except RuntimeError as error:
        raise UnreadableInput(
            f"{path} could not be written ({_reason(error)}): choose a folder that exists."
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _check_format(image: nibabel.spatialimages.SpatialImage) -> None:
    if isinstance(image.header, nibabel.nifti2.Nifti2Header) or not isinstance(image, nibabel.nifti1.Nifti1Pair):
        raise ValueError("its format is not NIfTI-1")


def _check_affine(affine: np.ndarray) -> None:
    if not np.isfinite(affine).all():
        raise ValueError("its affine holds values that are no numbers")


def _is_volume(size: tuple[int, ...]) -> bool:
    return len(size) >= 3 and all(n == 1 for n in size[3:])


def _native(array: np.ndarray) -> np.ndarray:
    """The same values in this machine's byte order, which SimpleITK needs."""
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _reason(error: Exception) -> str:
    """The last line of an ITK exception, which says what happened, without the address of the object that says it."""
    return re.sub(
        r"^(ITK ERROR: )?\w+\(0x[0-9a-f]+\): ",
        "",
        (str(error).strip() or type(error).__name__).splitlines()[-1].strip(),
    ).rstrip(".")
