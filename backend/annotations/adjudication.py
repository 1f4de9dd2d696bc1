"""Questions about settling a case: what an adjudicator starts from, and whether a signature stands."""

from django.db.models import Q, QuerySet

from backend.annotations.models import Assignment, Consensus, Mask, MaskSource, Purpose, Reading, Target
from backend.annotations.selectors import current_consensus, current_readings
from backend.imaging.models import Case

PROPOSED = {"majority": "Strict majority", "staple": "STAPLE"}


def is_signed(assignment: Assignment) -> bool:
    """Whether the case of an adjudication has a signed consensus; a reading is never signed like this."""
    if assignment.purpose != Purpose.ADJUDICATION:
        return False
    standing = current_consensus(assignment.case, assignment.target)
    return bool(standing and standing.is_signed)


def newest_automatic(case: Case) -> Consensus | None:
    """The newest standing consensus on the tumour that a worker computed, with its masks."""
    rows = Consensus.objects.standing().filter(case=case, target=Target.TUMOUR, is_signed=False)
    return rows.select_related("mask", "majority", "staple", "disagreement").order_by("-created_at").first()


def starting_points(case: Case) -> list[tuple[str, Mask]]:
    """(title, mask) of what an adjudicator may begin with: both proposals, then every reading that drew something."""
    automatic = newest_automatic(case)
    found = [(title, getattr(automatic, name)) for name, title in PROPOSED.items()] if automatic else []
    found += [(reading_title(reading), reading.mask) for reading in current_readings(case, Target.TUMOUR)]
    return [(title, mask) for title, mask in found if mask is not None]


def reading_title(reading: Reading) -> str:
    """Who drew it, or where it came from, and whether a program's proposal went into it."""
    name = reading.reader.shown_name if reading.reader else reading.origin
    return f"{name}, made with a proposal" if hasattr(reading, "proposal_use") else name


def starting_masks(assignment: Assignment) -> QuerySet[Mask]:
    """Whatever was ever offered as a starting point of the case: another may have come while the person drew."""
    handed_in = Q(pk__in=Reading.objects.filter(case=assignment.case_id, mask__isnull=False).values("mask"))
    made = Q(source=MaskSource.CONSENSUS)
    return Mask.objects.filter(made | handed_in, case=assignment.case_id, target=assignment.target)
