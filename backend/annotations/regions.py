"""Regions that came with the images, one line per lesion: its contours on PET and on CT belong together."""

from dataclasses import dataclass, field

from backend.annotations.models import RoiCandidate
from backend.imaging.models import Case


@dataclass(frozen=True, kw_only=True)
class LesionRegions:
    """The contours of one lesion. Volumes in ml; ``warning`` says what a person should look at before choosing."""

    name: str
    candidates: list[RoiCandidate] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return any(one.state == RoiCandidate.State.OPEN for one in self.candidates)

    @property
    def warning(self) -> str:
        volumes = [one.volume_ml for one in self.candidates if one.volume_ml]
        if len(volumes) > 1 and max(volumes) > 1.5 * min(volumes):
            smallest, largest = min(volumes), max(volumes)
            return f"The contours differ in size: {smallest:.1f} to {largest:.1f} ml. Look at both before choosing."
        return ""


def regions_of(case: Case) -> list[LesionRegions]:
    """Grouped by the name of the lesion; PET before CT."""
    groups: dict[str, LesionRegions] = {}
    rows = RoiCandidate.objects.filter(case=case).select_related("mask").order_by("lesion_name", "-drawn_on")
    for candidate in rows:
        groups.setdefault(candidate.lesion_name, LesionRegions(name=candidate.lesion_name)).candidates.append(candidate)
    return list(groups.values())
