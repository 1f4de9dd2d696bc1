"""The audit trail as a file, streamed row by row."""

import csv
import json
from collections.abc import Iterable, Iterator

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from backend.audit.models import AuditRecord

COLUMNS = (
    "id", "at", "actor_name", "action", "object_type", "object_id", "cohort_uuid", "before", "after", "reason",
    "previous_sha256", "sha256",
)  # fmt: skip
CHUNK_ROWS = 500
_SPREADSHEET_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """A file that hands each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def export_response(records: QuerySet[AuditRecord], *, form: str, name: str) -> StreamingHttpResponse:
    """A download of the records as ``csv`` or ``json``."""
    rows = (_as_row(record) for record in records.iterator(chunk_size=CHUNK_ROWS))
    lines = _json_lines(rows) if form == "json" else _csv_lines(rows)
    response = StreamingHttpResponse(
        lines, content_type="application/json" if form == "json" else "text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.{"json" if form == "json" else "csv"}"'
    return response


def _as_row(record: AuditRecord) -> dict:
    row = {column: getattr(record, column) for column in COLUMNS}
    return {**row, "at": record.at.isoformat(), "cohort_uuid": str(record.cohort_uuid or "")}


def _csv_lines(rows: Iterable[dict]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    for row in rows:
        yield writer.writerow(_cell(row[column]) for column in COLUMNS)


def _cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = json.dumps(value, sort_keys=True) if isinstance(value, dict) else str(value)
    return f"'{text}" if text.startswith(_SPREADSHEET_FORMULA) else text


def _json_lines(rows: Iterable[dict]) -> Iterator[str]:
    yield "["
    for index, row in enumerate(rows):
        yield ("," if index else "") + "\n" + json.dumps(row, sort_keys=True)
    yield "\n]\n"
