"""Images and masks as a scientist has them: NIfTI, or any other volume that ITK reads (NRRD from 3D Slicer)."""

from pathlib import Path

import SimpleITK as sitk

from worker.compute.errors import UnreadableInput
from worker.compute.nifti import geometry_of, read_nifti
from worker.compute.types import Volume


def read_image(path: Path) -> Volume:
    """A 3-D volume in its stored type. Raises UnreadableInput."""
    if path.name.endswith((".nii", ".nii.gz")) or not path.is_file():
        return read_nifti(path)
    try:
        image = sitk.ReadImage(str(path))
    except RuntimeError as error:
        raise UnreadableInput(f"{path} is not a volume that can be read: give a NIfTI or NRRD file.") from error
    if image.GetDimension() != 3 or image.GetNumberOfComponentsPerPixel() != 1:
        raise UnreadableInput(f"{path} is not one 3-D volume of single values: give one time point and one channel.")
    return Volume(array_zyx=sitk.GetArrayFromImage(image), geometry=geometry_of(image))
