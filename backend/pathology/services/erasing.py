"""Erasing photographs: the row says so first, then the files go; a sweep finishes what a dying process left."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from backend.accounts.models import User
from backend.audit.services import record_audit
from backend.core.errors import Conflict, InvalidInput
from backend.core.storage import erase
from backend.pathology.models import IhcProposal, SlidePhotograph


def erase_photograph(*, photograph: SlidePhotograph, reason: str, actor: User | None) -> None:
    """Removes the pictures for good; the row, its hash and the reason stay."""
    if not reason.strip():
        raise InvalidInput("Say why the photograph is erased.")
    with transaction.atomic():
        row = SlidePhotograph.objects.select_for_update().get(pk=photograph.pk)
        if row.erased_at:
            raise Conflict("This photograph was erased already.")
        _mark(row, reason.strip(), actor)
    finish_erasing([row.pk])


def _mark(row: SlidePhotograph, reason: str, actor: User | None) -> None:
    SlidePhotograph.objects.filter(pk=row.pk).update(erased_at=Now(), erase_reason=reason)
    record_audit(
        action="photograph.erase",
        subject=row,
        actor=actor,
        cohort_uuid=row.specimen.patient.cohort_id,
        before={"patient": row.specimen.patient.pseudonym, "stain": row.stain, "sha256": row.sha256},
        reason=reason,
    )


def finish_erasing(ids: Iterable | None = None) -> int:
    """Removes the files of rows that are marked (all of them without ``ids``); how many rows had files left.

    The same picture kept twice is one file: it goes when the last row that names it is erased.
    """
    rows = SlidePhotograph.objects.filter(erased_at__isnull=False).exclude(storage_key="", tiles_key="")
    rows = rows if ids is None else rows.filter(pk__in=list(ids))
    count = 0
    for row in rows:
        for key in row.file_keys:
            if not _named_elsewhere(row, key):
                erase(key)
        for proposal in IhcProposal.objects.filter(photograph=row).exclude(outlines_key=""):
            erase(proposal.outlines_key)
        SlidePhotograph.objects.filter(pk=row.pk).update(storage_key="", thumbnail_key="", tiles_key="")
        count += 1
    return count


def _named_elsewhere(row: SlidePhotograph, key: str) -> bool:
    naming = Q(storage_key=key) | Q(thumbnail_key=key) | Q(tiles_key=key)
    return SlidePhotograph.objects.filter(naming, erased_at__isnull=True).exclude(pk=row.pk).exists()
