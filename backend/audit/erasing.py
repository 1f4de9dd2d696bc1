"""The values of a withdrawn patient leave the audit trail; who did what, when and why stays, and the chain holds.

A record that was emptied keeps its hash, which no longer fits its content. So the erasure is a record itself that names
the records that it emptied, and ``verify_chain`` takes a misfit for whole only where such a record, unharmed, names it.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from backend.audit.models import AuditRecord
from backend.audit.services import ERASED, ERASING_ACTION, record_audit


def erase_values(*, subject: Any, subject_ids: Iterable[str], cohort_uuid: UUID) -> list[int]:
    """Empties ``before`` and ``after`` of every record about these objects; returns the numbers of the records.

    Must run inside the transaction of the erasure, which allows the change (cohorts/erasure.py).
    """
    rows = AuditRecord.objects.filter(object_id__in=list(subject_ids)).exclude(before=ERASED, after=ERASED)
    rows = rows.exclude(before={}, after={}).exclude(action=ERASING_ACTION)
    numbers = sorted(rows.values_list("pk", flat=True))
    if numbers:
        AuditRecord.objects.filter(pk__in=numbers).update(before=ERASED, after=ERASED)
        record_audit(action=ERASING_ACTION, subject=subject, cohort_uuid=cohort_uuid, after={"audit_records": numbers})
    return numbers
