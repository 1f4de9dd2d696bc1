"""Clinical table: staged table by hospital number → its columns, its bad cells, or records and p53 reads."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from backend.cohorts.clinical_import import (
    ImportedPatient,
    preview_clinical,
    record_clinical_import,
    row_contradictions,
    without_withdrawn,
)
from backend.cohorts.clinical_models import ClinicalTable
from backend.cohorts.clinical_tables import (
    CHECK,
    IMPORT,
    READ,
    content_of,
    erase_checked,
    erase_files,
    record_check,
    record_failure,
    record_imported,
    record_look,
)
from backend.cohorts.secrets import pseudonym_secret
from backend.core.errors import DomainError
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from backend.pathology.services.reads import count_new_reads, record_imported_reads
from worker.compute.clinical.grid import guess_encoding, read_grid
from worker.compute.clinical.mapping import Mapping
from worker.compute.clinical.problems import Problem, TableRefused
from worker.compute.clinical.proposals import Proposal, propose_mapping, settled
from worker.compute.clinical.table import ClinicalRow, check_clinical_table
from worker.compute.errors import ComputeError, RunCancelled
from worker.tasks.runner import JobContext, job_task

LISTED_PATIENTS = 500
AUTOMATIC = {"automatic": True}
"""In the place of a mapping: the one that is proposed, where nothing is left to decide."""


@job_task(JobKind.IMPORT_CLINICAL)
def import_clinical(context: JobContext) -> None:
    """fetch: the staged table → compute: read, map, check and pseudonymise → record: what the step is for."""
    parameters = context.job.parameters
    table = ClinicalTable.objects.select_related("cohort").get(pk=parameters["table"])
    with _failures_recorded(table, parameters["step"]):
        _STEPS[parameters["step"]](context, table)


def _read_columns(context: JobContext, table: ClinicalTable) -> None:
    content = content_of(table)
    context.progress(0.2, "Reading the columns")
    encoding = context.job.parameters.get("encoding") or guess_encoding(content)
    grid = read_grid(content, encoding=encoding)
    proposal = propose_mapping(grid)
    look = {
        "columns": [column.to_json() for column in proposal.columns],
        "rows": proposal.rows,
        "is_redcap": proposal.is_redcap,
        "is_workbook": grid.is_workbook,
        "encoding": grid.encoding,
        "notes": list(grid.notes),
        "questions": list(proposal.questions),
    }
    message = f"{proposal.rows} rows and {len(grid.header)} columns read."
    with completing(context.claim, message=message, result={"rows": proposal.rows, "columns": len(grid.header)}):
        record_look(table, look, mapping=proposal.mapping.to_json(), message=message)


def _check(context: JobContext, table: ClinicalTable) -> None:
    context.progress(0.1, "Checking every cell")
    rows, problems, _ = _checked(context, table)
    result = _result(preview_clinical(table.cohort, rows), count_new_reads(table.cohort, rows))
    message = _refusal(problems) if problems else _sentence(result, trial=True)
    listed = [problem.to_json() for problem in problems]
    with completing(context.claim, message=message, result={**result, "problems": len(problems)}):
        record_check(table, problems=listed, outcome=result, message=message)


def _import(context: JobContext, table: ClinicalTable) -> None:
    context.progress(0.1, "Checking every cell")
    rows, problems, mapping = _checked(context, table)
    if problems:
        raise TableRefused(problems)
    actor, cohort = context.job.created_by, table.cohort
    reason = context.job.parameters.get("reason", "") or _reason(table)
    context.inputs(rows=len(rows), pseudonymised_rows_sha256=_digest(rows), mapping=mapping.to_json())
    result = _result(preview_clinical(cohort, rows), count_new_reads(cohort, rows))
    context.progress(0.5, "Recording")
    message = _sentence(result, trial=False)
    with completing(context.claim, message=message, result=result):
        record_clinical_import(cohort, rows, actor=actor, reason=reason)
        record_imported_reads(cohort, rows, actor=actor)
        record_imported(table, outcome=result, message=message)
    erase_files(table)


_STEPS: dict[str, Callable[[JobContext, ClinicalTable], None]] = {READ: _read_columns, CHECK: _check, IMPORT: _import}


def _checked(context: JobContext, table: ClinicalTable) -> tuple[list[ClinicalRow], list[Problem], Mapping]:
    """Rows, every problem of a cell or between cells, and the mapping that was used."""
    content = content_of(table)
    mapping = _mapping(table, content)
    found = check_clinical_table(content, pseudonym_secret(table.cohort), mapping=mapping)
    rows = without_withdrawn(table.cohort, found.rows)
    between = row_contradictions(table.cohort, rows)
    problems = [*found.problems, *(found.problem(*contradiction) for contradiction in between)]
    return rows, sorted(problems, key=lambda problem: problem.row), found.mapping


def _mapping(table: ClinicalTable, content: bytes) -> Mapping | None:
    if table.mapping is None:
        return None
    if table.mapping == AUTOMATIC:
        return settled(_proposal(content))
    return Mapping.from_json(table.mapping)


def _proposal(content: bytes) -> Proposal:
    return propose_mapping(read_grid(content))


@contextmanager
def _failures_recorded(table: ClinicalTable, step: str) -> Iterator[None]:
    """The table says what its attempt ended with; a worker that dies leaves it as it was for the next attempt."""
    try:
        yield
    except RunCancelled:
        record_failure(table, step, "Cancelled.")
        raise
    except (ComputeError, DomainError) as error:
        record_failure(table, step, str(error))
        raise
    except Exception:
        record_failure(table, step, "The program failed; the job's log says where.")
        raise
    else:
        if step == CHECK and not table.is_kept:
            erase_checked(table)


def _digest(rows: list[ClinicalRow]) -> str:
    """Of what was made of the table, not of the table: that one names patients."""
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def _result(outcome: list[ImportedPatient], new_reads: int) -> dict:
    listed = {row.pseudonym: _change(row) for row in outcome[:LISTED_PATIENTS]}
    return {
        "rows": len(outcome),
        "new_patients": sum(row.is_new for row in outcome),
        "changed_records": sum(bool(row.changed) for row in outcome),
        "overwritten_values": sum(len(row.overwritten) for row in outcome),
        "p53_reads": new_reads,
        "patients": listed,
    }


def _change(row: ImportedPatient) -> str:
    what = ", ".join(row.changed) or "nothing new"
    return f"new patient: {what}" if row.is_new else what


def _reason(table: ClinicalTable) -> str:
    return f"Clinical table, mapping {table.mapping_name}" if table.mapping_name else "Clinical table"


def _refusal(problems: list[Problem]) -> str:
    rows = len({problem.row for problem in problems})
    cells = "1 cell" if len(problems) == 1 else f"{len(problems)} cells"
    where = "1 row" if rows == 1 else f"{rows} rows"
    return f"The table cannot be imported as it is: {cells} in {where} cannot be accepted. Nothing was written."


def _sentence(result: dict, *, trial: bool) -> str:
    if not (result["new_patients"] or result["changed_records"] or result["p53_reads"]):
        return f"Nothing differs from what is known: all {result['rows']} rows were recorded before."
    counts = "{new_patients} new patients, {changed_records} clinical records, {p53_reads} p53 reads".format(**result)
    if trial:
        return f"The table can be imported as it is: {result['rows']} rows, of them {counts}. Nothing was written."
    return f"{result['rows']} rows imported: {counts}."
