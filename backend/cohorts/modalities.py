"""Which modalities a patient's images have: asked here, answered by the app of the images, which lies above."""

from collections.abc import Callable, Iterable
from uuid import UUID

from backend.cohorts.models import Patient

ModalitiesByPatient = dict[UUID, frozenset[str]]
_sources: list[Callable[[list[Patient]], ModalitiesByPatient]] = []


def register_modalities(source: Callable[[list[Patient]], ModalitiesByPatient]) -> None:
    """Called once, when the app of the images is ready."""
    _sources.append(source)


def modalities_of(patients: Iterable[Patient]) -> ModalitiesByPatient:
    """DICOM modalities (CT, PT, …) by patient; patients without images are left out."""
    patients = list(patients)
    found: ModalitiesByPatient = {}
    for source in _sources:
        found |= source(patients)
    return found
