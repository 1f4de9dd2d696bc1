"""A table as a CSV or XLSX file: streamed, and with no cell that a spreadsheet takes for a formula."""

import csv
import json
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from asgiref.sync import sync_to_async
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from backend.core.errors import InvalidInput

FORMS = ("csv", "xlsx")
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LINES_AT_ONCE = 200


class StreamedLines(StreamingHttpResponse):
    """Hands on what an ordinary iterator yields while it is yielded; Django would collect it all first."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = iter(self.streaming_content)
        while piece := await sync_to_async(_joined)(pieces):
            yield piece


def _joined(pieces: Iterator[bytes]) -> bytes:
    return b"".join(islice(pieces, _LINES_AT_ONCE))


def table_response(form: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, name: str) -> HttpResponseBase:
    """``name`` is the file's name without its suffix; None becomes an empty cell. Raises InvalidInput for a form."""
    if form == "csv":
        response: HttpResponseBase = StreamedLines(csv_lines(columns, rows), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return response
    if form == "xlsx":
        return FileResponse(
            _workbook(columns, rows), as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX_TYPE
        )
    raise InvalidInput(f"A list can be exported as {' or '.join(FORMS)}.")


class _Echo:
    """A file that hands each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow([safe_cell(column) for column in columns])
    for row in rows:
        yield writer.writerow([safe_cell(value) for value in row])


def _workbook(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Any:
    """A workbook in a file on disk, which goes with its handle; openpyxl writes row by row and keeps none."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("PETRA")
    sheet.freeze_panes = "A2"
    sheet.append([_sheet_cell(column) for column in columns])
    for row in rows:
        sheet.append([_sheet_cell(value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    book.save(file)
    file.seek(0)
    return file


def safe_cell(value: Any) -> Any:
    """Numbers stay as they are, a minus sign is theirs; text that starts like a formula gets an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True, default=str)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _sheet_cell(value: Any) -> Any:
    """What Excel can hold: text without control characters, times without a zone, nothing unknown to it."""
    value = safe_cell(value)
    if value == "" or isinstance(value, bool | int | float):
        return value
    return ILLEGAL_CHARACTERS_RE.sub("", str(value))
