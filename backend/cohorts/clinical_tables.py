"""The way of a clinical table: received, read, mapped, checked, imported whole or not at all, and erased."""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.audit.services import record_audit
from backend.cohorts.clinical_models import OPEN_STATES, ClinicalTable, TableState
from backend.cohorts.models import Cohort
from backend.core.errors import Conflict, InvalidInput, NotFound
from backend.core.staging import erase_staged, stage_file, staged_names, staged_path
from backend.jobs.models import Job, JobKind
from backend.jobs.services import enqueue_job

AREA = "clinical"
LIMIT_BYTES = 40 * 1024**2
# The table names patients: one that nobody goes on with is erased, like a delivery of images.
LEFT_BEHIND = timedelta(days=1)
# A table is staged a moment before its row exists.
NAMELESS_S = 3600
KEPT_PROBLEMS = 5_000
READ, CHECK, IMPORT = "read", "check", "import"
_WAITING = {READ: TableState.RECEIVED, CHECK: TableState.CHECKING, IMPORT: TableState.IMPORTING}
_LOOK = ".look"


def receive_table(*, cohort: Cohort, chunks: Iterable[bytes], actor: User | None) -> ClinicalTable:
    """Stages the table and queues the job that reads its columns; it waits for its mapping afterwards."""
    table = _stage(cohort, chunks, actor, is_kept=True)
    _enqueue(table, READ, actor=actor)
    return table


def start_clinical_import(
    *,
    cohort: Cohort,
    chunks: Iterable[bytes],
    dry_run: bool,
    actor: User | None,
    mapping: dict | None = None,
    mapping_name: str = "",
    reason: str = "",
) -> Job:
    """Stages a table whose mapping is known and queues its only attempt; without a mapping it has PETRA's columns."""
    table = _stage(cohort, chunks, actor, is_kept=False, mapping=mapping, mapping_name=mapping_name)
    return _enqueue(table, CHECK if dry_run else IMPORT, actor=actor, reason=reason)


def check_table(*, table: ClinicalTable, mapping: dict, mapping_name: str, actor: User | None) -> Job:
    """Queues the check of a table under a mapping."""
    with transaction.atomic():
        _refuse_closed(table)
        table.mapping, table.mapping_name = mapping, mapping_name
        table.save(update_fields=["mapping", "mapping_name", "changed_at"])
        return _enqueue(table, CHECK, actor=actor)


def read_again(*, table: ClinicalTable, encoding: str, actor: User | None) -> Job:
    """Queues another look at the columns, under an encoding that a person chose."""
    with transaction.atomic():
        _refuse_closed(table)
        table.mapping = None
        table.save(update_fields=["mapping", "changed_at"])
        return _enqueue(table, READ, actor=actor, encoding=encoding)


def import_table(*, table: ClinicalTable, reason: str, actor: User | None) -> Job:
    """Queues the import of a table that was checked. Raises InvalidInput without a reason."""
    if not reason.strip():
        raise InvalidInput("Say why these values are recorded; the reason stays with every changed value.")
    with transaction.atomic():
        _refuse_closed(table)
        if table.state != TableState.CHECKED:
            raise Conflict("Only a table whose every cell was accepted can be imported: check it first.")
        return _enqueue(table, IMPORT, actor=actor, reason=reason.strip())


def discard_table(*, table: ClinicalTable, actor: User | None) -> None:
    """Erases the table; what was imported stays."""
    with transaction.atomic():
        table = ClinicalTable.objects.select_for_update().get(pk=table.pk)
        if table.state not in OPEN_STATES:
            raise Conflict("The table is erased already.")
        if table.state == TableState.IMPORTING and newest_job(table) and not newest_job(table).is_over:
            raise Conflict("The table is being imported: cancel the job first.")
        _close(table, TableState.ERASED)
        record_audit(action="clinical_table.discard", subject=table, actor=actor, cohort_uuid=table.cohort_id)
    erase_files(table)


def erase_left_behind() -> int:
    """Erases tables that nobody went on with for a day, and files that no open table names; returns how many."""
    rows = ClinicalTable.objects.filter(state__in=OPEN_STATES, changed_at__lt=timezone.now() - LEFT_BEHIND)
    left = [table for table in rows if not (newest_job(table) and not newest_job(table).is_over)]
    for table in left:
        _close(table, TableState.ERASED)
        erase_files(table)
    return len(left) + _erase_nameless()


def _erase_nameless() -> int:
    """A process that ended between a commit and the erasing leaves a file that no row knows any longer."""
    named = set(ClinicalTable.objects.exclude(staged="").values_list("staged", flat=True))
    older = staged_names(area=AREA, older_than_s=NAMELESS_S)
    nameless = [name for name in older if name.removesuffix(_LOOK) not in named]
    for name in nameless:
        erase_staged(name, area=AREA)
    return len(nameless)


def table_of(cohort: Cohort, table_id: Any) -> ClinicalTable:
    """Raises NotFound."""
    table = ClinicalTable.objects.filter(cohort=cohort, pk=table_id).select_related("sent_by", "cohort").first()
    if table is None:
        raise NotFound("There is no such table in this cohort.")
    return table


def newest_job(table: ClinicalTable) -> Job | None:
    jobs = Job.objects.filter(kind=JobKind.IMPORT_CLINICAL, parameters__table=str(table.pk))
    return jobs.defer("log", "inputs").order_by("-created_at").first()


def content_of(table: ClinicalTable) -> bytes:
    """The table itself. Raises InvalidInput where it was erased."""
    return staged_path(table.staged or "-", area=AREA).read_bytes()


def look_at(table: ClinicalTable) -> dict:
    """Its columns with the few words of each, kept beside the table and erased with it, because they are its own."""
    return json.loads(staged_path(table.staged + _LOOK, area=AREA).read_text(encoding="utf-8"))


def record_look(table: ClinicalTable, look: dict, *, mapping: dict, message: str) -> None:
    """Keeps what was read. Must run inside ``completing``."""
    path = staged_path(table.staged, area=AREA)
    beside = path.with_name(path.name + _LOOK)
    beside.touch(mode=0o600)
    beside.write_text(json.dumps(look), encoding="utf-8")
    table.state, table.mapping, table.message = TableState.READ, mapping, message
    table.save(update_fields=["state", "mapping", "message", "changed_at"])


def record_check(table: ClinicalTable, *, problems: list[dict], outcome: dict, message: str) -> None:
    """Keeps what the check found. Must run inside ``completing``."""
    table.state = TableState.REFUSED if problems else TableState.CHECKED
    table.problems, table.problem_count = problems[:KEPT_PROBLEMS], len(problems)
    table.outcome, table.message = outcome, message
    table.save(update_fields=["state", "problems", "problem_count", "outcome", "message", "changed_at"])


def record_imported(table: ClinicalTable, *, outcome: dict, message: str) -> None:
    """Must run inside ``completing``; ``erase_files`` follows once that is committed."""
    table.outcome, table.message, table.problems, table.problem_count = outcome, message, [], 0
    table.save(update_fields=["outcome", "message", "problems", "problem_count", "changed_at"])
    _close(table, TableState.IMPORTED)


def record_failure(table: ClinicalTable, step: str, message: str) -> None:
    """What an attempt ended with; a table that a script sent is erased, another waits to be corrected or discarded."""
    state = TableState.UNREADABLE if step == READ else TableState.REFUSED
    rows = ClinicalTable.objects.filter(pk=table.pk, state__in=OPEN_STATES)
    if rows.update(state=state, message=message, changed_at=timezone.now()) and not table.is_kept:
        _close(table, TableState.ERASED)
    if not table.is_kept:
        erase_files(table)


def erase_checked(table: ClinicalTable) -> None:
    """Ends a script's trial: what it found stays on the row."""
    _close(table, TableState.ERASED)
    erase_files(table)


def _stage(
    cohort: Cohort,
    chunks: Iterable[bytes],
    actor: User | None,
    *,
    is_kept: bool,
    mapping: dict | None = None,
    mapping_name: str = "",
) -> ClinicalTable:
    staged = stage_file(chunks, area=AREA, limit_bytes=LIMIT_BYTES)
    try:
        return ClinicalTable.objects.create(
            cohort=cohort,
            staged=staged,
            is_kept=is_kept,
            mapping=mapping,
            mapping_name=mapping_name,
            sent_by=actor,
        )
    except Exception:
        erase_staged(staged, area=AREA)
        raise


def _enqueue(table: ClinicalTable, step: str, *, actor: User | None, **parameters: str) -> Job:
    titles = {READ: " (columns)", CHECK: " (check)", IMPORT: ""}
    with transaction.atomic():
        table.state, table.message = _WAITING[step], ""
        table.save(update_fields=["state", "message", "changed_at"])
        return enqueue_job(
            kind=JobKind.IMPORT_CLINICAL,
            subject=table.cohort,
            subject_title=f"into {table.cohort}{titles[step]}",
            cohort_uuid=table.cohort_id,
            parameters={"table": str(table.pk), "step": step, **{k: v for k, v in parameters.items() if v}},
            created_by=actor,
        )


def _refuse_closed(table: ClinicalTable) -> None:
    if ClinicalTable.objects.select_for_update().get(pk=table.pk).state not in OPEN_STATES:
        raise Conflict("The table was imported or discarded and is erased: send it again.")


def _close(table: ClinicalTable, state: str) -> None:
    """The row keeps what became of the table; ``erase_files`` follows once that is committed."""
    ClinicalTable.objects.filter(pk=table.pk).update(state=state, staged="", changed_at=timezone.now())


def erase_files(table: ClinicalTable) -> None:
    """Removes the table and what was read of it; nothing happens where they are gone."""
    for name in (table.staged, table.staged + _LOOK) if table.staged else ():
        erase_staged(name, area=AREA)
