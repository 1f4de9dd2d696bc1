"""Regions that came with the images: kept as candidates until a person says which of them is a reading."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from backend.accounts.models import User
from backend.annotations.models import MaskSource, Outcome, Reading, RoiCandidate, Target
from backend.annotations.services.masks import LabelmapFile, record_mask
from backend.audit.services import record_audit
from backend.core.errors import Conflict, InvalidInput
from backend.imaging.models import Case, Series


@dataclass(frozen=True, kw_only=True)
class FoundStructure:
    """A structure that the worker read, with its labelmap stored (None where it could not be put on a grid)."""

    series: Series
    summary: Any  # worker.compute.roi.RoiSummary
    lesion_name: str
    drawn_on: str
    file: LabelmapFile | None
    problem: str


def record_candidates(case: Case, found: Iterable[FoundStructure]) -> list[RoiCandidate]:
    """Writes a candidate per structure; one that a person has already decided about stays as it is."""
    candidates = []
    for structure in found:
        decided = RoiCandidate.objects.filter(series=structure.series, roi_number=structure.summary.number).first()
        if decided is None:
            candidates.append(_record(case, structure))
    return candidates


def _record(case: Case, structure: FoundStructure) -> RoiCandidate:
    mask = None
    if structure.file:
        provenance = {"roi_name": structure.summary.name, "drawn_on": structure.drawn_on}
        mask = record_mask(
            case=case,
            target=Target.TUMOUR,
            source=MaskSource.IMPORTED,
            file=structure.file,
            lesions=[{"label": 1, "name": structure.summary.name, "role": "primary", "site": ""}],
            provenance=provenance,
        )
    return RoiCandidate.objects.create(
        series=structure.series,
        case=case,
        roi_name=structure.summary.name[:120],
        lesion_name=structure.lesion_name[:120],
        roi_number=structure.summary.number,
        drawn_on=structure.drawn_on,
        volume_ml=structure.summary.volume_ml,
        mask=mask,
        problem=structure.problem,
    )


def choose_candidate(*, candidate: RoiCandidate, actor: User | None) -> Reading:
    """Makes a reading of a region; the contour of the same lesion on the other modality is not a second one."""
    if candidate.mask is None:
        raise InvalidInput(f"The region {candidate.roi_name} cannot be used: {candidate.problem or 'it has no voxel.'}")
    with transaction.atomic():
        candidate = RoiCandidate.objects.select_for_update().get(pk=candidate.pk)
        if candidate.state != RoiCandidate.State.OPEN:
            raise Conflict("This region has been decided about already.")
        _decide(candidate, RoiCandidate.State.CHOSEN)
        for twin in _twins(candidate):
            _decide(twin, RoiCandidate.State.DISMISSED)
        reading = Reading.objects.create(
            case=candidate.case,
            target=Target.TUMOUR,
            origin=f"ROI {candidate.roi_name} on {candidate.drawn_on.upper()}",
            mask=candidate.mask,
            outcome=Outcome.LESIONS,
        )
        record_audit(
            action="roi.choose",
            subject=candidate,
            actor=actor,
            cohort_uuid=candidate.case.patient.cohort_id,
            after={"reading": str(reading.pk), "roi": candidate.roi_name},
        )
    return reading


def dismiss_candidate(*, candidate: RoiCandidate, actor: User | None) -> None:
    """Says that a region is not a tumour ROI; it stays in the list as not used."""
    with transaction.atomic():
        _decide(candidate, RoiCandidate.State.DISMISSED)
        cohort_uuid = candidate.series.study.patient.cohort_id
        record_audit(action="roi.dismiss", subject=candidate, actor=actor, cohort_uuid=cohort_uuid)


def _decide(candidate: RoiCandidate, state: str) -> None:
    RoiCandidate.objects.filter(pk=candidate.pk).update(state=state)


def _twins(candidate: RoiCandidate) -> Iterable[RoiCandidate]:
    """The contours of the same lesion on the other modality of the case."""
    return RoiCandidate.objects.filter(
        case=candidate.case, lesion_name=candidate.lesion_name, state=RoiCandidate.State.OPEN
    ).exclude(drawn_on=candidate.drawn_on)
