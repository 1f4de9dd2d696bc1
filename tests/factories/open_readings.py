"""A case that a person was given and has not handed in: rows only, for tests of what is hidden until then."""

from itertools import count

from backend.accounts.models import User
from backend.annotations.models import Assignment
from backend.cohorts.models import Cohort
from backend.cohorts.services import meet_patient
from backend.imaging.models import Case, ImagingStudy, Series, Volume

_number = count(1)
# One voxel of 4 mm; nothing reads the voxels of these rows.
GEOMETRY = {"shape_zyx": [1, 1, 1], "spacing_mm": [4.0, 4.0, 4.0]}


def give_open_reading(cohort: Cohort, reader: User) -> Assignment:
    """An assignment without a reading, on a new patient's case."""
    patient = meet_patient(cohort=cohort, pseudonym=f"PETRA-OPEN{next(_number):04d}")
    study = ImagingStudy.objects.create(patient=patient, study_instance_uid=f"2.25.{next(_number)}")
    case = Case.objects.create(
        patient=patient, study=study, ct=_volume(study, "CT", "HU"), pet=_volume(study, "PT", "SUVbw")
    )
    return Assignment.objects.create(case=case, reader=reader)


def _volume(study: ImagingStudy, modality: str, unit: str) -> Volume:
    series = Series.objects.create(study=study, series_instance_uid=f"2.25.{next(_number)}", modality=modality)
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
