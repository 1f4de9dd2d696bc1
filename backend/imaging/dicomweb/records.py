"""Rows of the database as DICOM JSON records (PS3.18 Annex F), for the answers of a search."""

from typing import Any

from pydicom.dataset import Dataset

from backend.imaging.models import ImagingStudy, Instance, Series


def study_record(study: ImagingStudy, root: str) -> dict:
    """PS3.18 Table 10.6.3-3; ``root`` is the absolute address that studies/ hangs on."""
    return _json(
        **_of_study(study),
        RetrieveURL=f"{root}/studies/{study.study_instance_uid}",
        ModalitiesInStudy=study.modalities,
        NumberOfStudyRelatedSeries=study.series_count,
        NumberOfStudyRelatedInstances=study.instance_count,
    )


def series_record(series: Series, root: str) -> dict:
    """PS3.18 Table 10.6.3-4."""
    return _json(
        **_of_study(series.study),
        **_of_series(series),
        RetrieveURL=f"{root}/studies/{series.study.study_instance_uid}/series/{series.series_instance_uid}",
        Manufacturer=series.manufacturer,
        ManufacturerModelName=series.model_name,
        NumberOfSeriesRelatedInstances=series.instance_count,
    )


def instance_record(instance: Instance, root: str) -> dict:
    """PS3.18 Table 10.6.3-5; what only the file knows (rows, columns, number) is in its metadata."""
    series = instance.series
    place = f"studies/{series.study.study_instance_uid}/series/{series.series_instance_uid}"
    return _json(
        **_of_study(series.study),
        **_of_series(series),
        RetrieveURL=f"{root}/{place}/instances/{instance.sop_instance_uid}",
        SOPClassUID=instance.sop_class_uid,
        SOPInstanceUID=instance.sop_instance_uid,
    )


def _of_study(study: ImagingStudy) -> dict[str, Any]:
    return {
        "StudyInstanceUID": study.study_instance_uid,
        "StudyDate": study.study_date.strftime("%Y%m%d") if study.study_date else None,
        "PatientID": study.patient.pseudonym,
        "PatientName": study.patient.pseudonym,
        "InstanceAvailability": "ONLINE",
    }


def _of_series(series: Series) -> dict[str, Any]:
    return {
        "SeriesInstanceUID": series.series_instance_uid,
        "Modality": series.modality,
        "SeriesNumber": series.series_number,
    }


def _json(**values: Any) -> dict:
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset.to_json_dict()
