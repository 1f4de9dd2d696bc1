"""Series as an import and the building of volumes leave them, with or without files behind them."""

from io import BytesIO
from itertools import count

import numpy as np
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from backend.cohorts.models import Cohort
from backend.cohorts.services import meet_patient
from backend.core.storage import store_bytes
from backend.imaging.models import ImagingStudy, Instance, PetAcquisition, Series

_number = count(1)


def make_image_series(cohort: Cohort, modality: str = "CT", *, acquisition: dict | None = None, **values) -> Series:
    """A series of two instances of a new patient; ``acquisition`` are the values of its PetAcquisition."""
    number = next(_number)
    patient = meet_patient(cohort=cohort, pseudonym=f"PETRA-SERI{number:04d}")
    study = ImagingStudy.objects.create(patient=patient, study_instance_uid=f"2.25.7{number}")
    described = {"manufacturer": "GE MEDICAL SYSTEMS", "model_name": "Discovery 690", **values}
    series = Series.objects.create(study=study, series_instance_uid=f"2.25.8{number}", modality=modality, **described)
    for place in range(2):
        Instance.objects.create(
            series=series, sop_instance_uid=f"2.25.9{number}{place}", sop_class_uid="1.2", storage_key="none",
            sha256="0" * 64, size_bytes=1,
        )  # fmt: skip
    if acquisition:
        PetAcquisition.objects.create(series=series, **acquisition)
    return series


def make_stored_series(cohort: Cohort, modality: str = "CT", **values) -> Series:
    """A series of two instances of 4 × 6 pixels whose files are in the storage."""
    series = make_image_series(cohort, modality, **values)
    for place, instance in enumerate(series.instances.order_by("pk")):
        content = dicom_bytes(series, instance.sop_instance_uid, place)
        file = store_bytes(content, folder=f"{cohort.pk}/{series.study.patient.pseudonym}/dicom", suffix=".dcm")
        Instance.objects.filter(pk=instance.pk).update(
            storage_key=file.key, sha256=file.sha256, size_bytes=file.size, sop_class_uid=CTImageStorage
        )
    return series


def pixels(place: int) -> np.ndarray:
    """What the instance at ``place`` shows."""
    return np.arange(24, dtype="<i2").reshape(4, 6) + 100 * place


def dicom_bytes(series: Series, sop_instance_uid: str, place: int) -> bytes:
    """A de-identified CT slice in Explicit VR Little Endian."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, sop_instance_uid
    dataset.StudyInstanceUID = series.study.study_instance_uid
    dataset.SeriesInstanceUID = series.series_instance_uid
    dataset.PatientID = dataset.PatientName = series.study.patient.pseudonym
    dataset.Modality, dataset.InstanceNumber = series.modality, place + 1
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = 4, 6, 1
    dataset.PhotometricInterpretation, dataset.PixelRepresentation = "MONOCHROME2", 1
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
    dataset.PixelData = pixels(place).tobytes()
    written = BytesIO()
    dcmwrite(written, dataset, enforce_file_format=True)
    return written.getvalue()
