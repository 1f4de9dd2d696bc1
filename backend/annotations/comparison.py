"""The masks of a case that can be laid over its images to be compared, by name."""

from dataclasses import dataclass

from backend.annotations.manifests import PROPOSAL_TITLES, shown_on_pet
from backend.annotations.models import Mask, Target
from backend.annotations.selectors import current_consensus, current_readings, proposals_of
from backend.imaging.models import Case


@dataclass(frozen=True, kw_only=True)
class ShownMask:
    """A mask with the name that the page gives it."""

    title: str
    mask: Mask
    target: str


def masks_to_compare(case: Case) -> list[ShownMask]:
    """Consensus first, then the readings, then what programs proposed; of the tumour, then of brown fat."""
    found = []
    for target in Target.values:
        prefix = "" if target == Target.TUMOUR else "Brown fat: "
        consensus = current_consensus(case, target)
        if consensus and consensus.mask:
            found.append(ShownMask(title=f"{prefix}Consensus", mask=consensus.mask, target=target))
        for reading in current_readings(case, target):
            if reading.mask:
                name = reading.reader.shown_name if reading.reader else reading.origin
                found.append(ShownMask(title=f"{prefix}{name}", mask=reading.mask, target=target))
        found += [
            ShownMask(title=PROPOSAL_TITLES[mask.source], mask=mask, target=target)
            for mask in proposals_of(case, target)[:1]
        ]
    return [shown for shown in found if shown_on_pet(shown.mask)]
