"""A CT and a PET of a patient as rows: for tests of pages that read no voxel."""

from itertools import count

from backend.cohorts.models import Patient
from backend.imaging.models import Case, ImagingStudy, Series, Volume

_number = count(1)
GEOMETRY = {"shape_zyx": [1, 1, 1], "spacing_mm": [4.0, 4.0, 4.0]}


def make_case(patient: Patient) -> Case:
    study = ImagingStudy.objects.create(patient=patient, study_instance_uid=f"2.25.900{next(_number)}")
    return Case.objects.create(
        patient=patient, study=study, ct=_volume(study, "CT", "HU"), pet=_volume(study, "PT", "SUVbw")
    )


def _volume(study: ImagingStudy, modality: str, unit: str) -> Volume:
    series = Series.objects.create(study=study, series_instance_uid=f"2.25.900{next(_number)}", modality=modality)
    return Volume.objects.create(
        series=series,
        unit=unit,
        geometry=GEOMETRY,
        preview_geometry=GEOMETRY,
        storage_key="none",
        preview_key="none",
        sha256="0" * 64,
        minimum=0.0,
        maximum=1.0,
        stored_dtype="uint16",
        slab_keys=[],
        slab_slice_counts=[],
    )
