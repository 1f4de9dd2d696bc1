"""Series as an import and the building of volumes leave them, without any file behind them."""

from itertools import count

from backend.cohorts.models import Cohort
from backend.cohorts.services import meet_patient
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
