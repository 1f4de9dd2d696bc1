"""What was read stays what it was: a volume does not change under the work that people did on it."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from backend.annotations.models import Consensus, Mask, MaskSource, Reading
from backend.core.errors import Conflict
from backend.imaging.models import Case, Volume


def require_unread(changed: Iterable[Volume]) -> None:
    """Raises Conflict where somebody drew on, read or settled a case of these volumes.

    What programs proposed does not count: it is proposed anew on the new volume.
    """
    changed = list(changed)
    rows = {"case": OuterRef("pk")}
    work = Exists(Reading.objects.filter(**rows)) | Exists(Mask.objects.filter(**rows, source=MaskSource.DRAWN))
    read = Case.objects.filter(Q(ct__in=changed) | Q(pet__in=changed)).filter(
        work | Exists(Consensus.objects.filter(**rows))
    )
    case = read.select_related("patient").first()
    if case is not None:
        modalities = " and ".join(sorted({volume.series.modality for volume in changed}))
        raise Conflict(
            f"{case.patient.pseudonym} was read already, and the images that came since would change its {modalities} "
            "under what was drawn. Nothing was changed: import the complete examination into a cohort of its own."
        )
