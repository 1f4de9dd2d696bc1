"""Which instances are never stored: those with names in their pixels, and documents instead of images."""

from pydicom import Dataset, uid

STORABLE_CLASSES = frozenset(
    {
        uid.CTImageStorage,
        uid.EnhancedCTImageStorage,
        uid.LegacyConvertedEnhancedCTImageStorage,
        uid.PositronEmissionTomographyImageStorage,
        uid.EnhancedPETImageStorage,
        uid.LegacyConvertedEnhancedPETImageStorage,
        uid.MRImageStorage,
        uid.EnhancedMRImageStorage,
        uid.RTStructureSetStorage,
        uid.SegmentationStorage,
    }
)
SCREEN_IMAGE_TYPES = ("SCREEN SAVE", "SCREENSAVE", "SCREEN_SAVE", "DOSE_INFO")


def refusal_reason(dataset: Dataset) -> str | None:
    """One sentence why the instance must not be stored, without any value of its header; None where it may be."""
    image_type = " ".join(str(part) for part in dataset.get("ImageType") or ()).upper()
    if str(dataset.get("BurnedInAnnotation") or "").strip().upper() == "YES":
        return "The image says that text is burned into its pixels, which may name the patient: leave it out."
    if any(kind in image_type for kind in SCREEN_IMAGE_TYPES):
        return "The image is a screen capture, which may show the patient's name: leave it out."
    if dataset.get("SOPClassUID") not in STORABLE_CLASSES:
        return "The instance is neither CT, PET or MR nor a contour or segmentation of one: leave it out."
    if not str(dataset.get("PatientID") or "").strip(" \0"):
        return "The instance has no PatientID, so that no pseudonym can be formed: enter one and export again."
    if not all(dataset.get(keyword) for keyword in ("SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID")):
        return "The instance lacks its study, series or instance UID: export it again from the archive."
    if _pixels_are_cut_off(dataset):
        return "The pixel data ends early: the file was cut off, export it again."
    return None


def _pixels_are_cut_off(dataset: Dataset) -> bool:
    """Whether uncompressed pixel data is shorter than the header's matrix (DICOM PS3.5 8.1.1)."""
    meta = getattr(dataset, "file_meta", None)
    syntax = meta.get("TransferSyntaxUID") if meta else None
    if "PixelData" not in dataset or syntax is None or syntax.is_compressed:
        return False
    counts = (dataset.get(keyword) for keyword in ("Rows", "Columns", "BitsAllocated"))
    rows, columns, bits = (int(count or 0) for count in counts)
    frames, samples = int(dataset.get("NumberOfFrames") or 1), int(dataset.get("SamplesPerPixel") or 1)
    return len(dataset.PixelData) * 8 < rows * columns * bits * frames * samples
