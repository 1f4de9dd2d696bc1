"""The masks of a case that can be laid over its images to be compared, by name."""

from collections.abc import Iterator
from dataclasses import dataclass

from backend.annotations.adjudication import PROPOSED, newest_automatic, reading_title
from backend.annotations.models import Mask, Target
from backend.annotations.selectors import current_consensus, current_readings, proposals_of
from backend.annotations.services.masks import shown_on_pet
from backend.imaging.models import Case

PROPOSAL_TITLES = {"bat_rule": "Brown fat by rule", "nnunet": "nnU-Net proposal"}


@dataclass(frozen=True, kw_only=True)
class ShownMask:
    """A mask with the name that the page gives it.

    ``kind`` is consensus, reading, proposal or votes; the labels of votes are how many of ``readers`` drew a voxel.
    """

    title: str
    mask: Mask
    target: str
    kind: str
    readers: int = 0


def masks_to_compare(case: Case) -> list[ShownMask]:
    """Consensus first, then readings, what was computed from them, and programs' proposals; tumour, then brown fat."""
    found = [shown for target in Target.values for shown in _of_target(case, target)]
    return [shown for shown in found if shown_on_pet(shown.mask)]


def _of_target(case: Case, target: str) -> Iterator[ShownMask]:
    prefix = "" if target == Target.TUMOUR else "Brown fat: "
    consensus = current_consensus(case, target)
    if consensus and consensus.mask:
        title = "Consensus, signed" if consensus.is_signed else "Consensus, unsigned"
        yield ShownMask(title=f"{prefix}{title}", mask=consensus.mask, target=target, kind="consensus")
    for reading in current_readings(case, target):
        if reading.mask:
            yield ShownMask(title=f"{prefix}{reading_title(reading)}", mask=reading.mask, target=target, kind="reading")
    if target == Target.TUMOUR:
        yield from _computed(case, consensus.mask if consensus else None)
    for mask in proposals_of(case, target)[:1]:
        yield ShownMask(title=PROPOSAL_TITLES[mask.source], mask=mask, target=target, kind="proposal")


def _computed(case: Case, standing: Mask | None) -> Iterator[ShownMask]:
    """Both proposals, but for the one that is the consensus itself, and the votes where the readers differ."""
    automatic = newest_automatic(case)
    if automatic is None:
        return
    for name, title in PROPOSED.items():
        mask = getattr(automatic, name)
        if mask and mask != standing:
            yield ShownMask(title=title, mask=mask, target=Target.TUMOUR, kind="proposal")
    if automatic.disagreement:
        yield ShownMask(
            title="Where readers differ",
            mask=automatic.disagreement,
            target=Target.TUMOUR,
            kind="votes",
            readers=automatic.agreement.get("masks", len(automatic.reading_ids)),
        )
