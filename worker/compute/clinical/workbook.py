"""The first sheet of an XLSX file as rows of cells: values, never formulas, within limits that no file can stretch."""

import io
import zipfile
from datetime import date, datetime
from typing import Any

from worker.compute.clinical.cells import Cell
from worker.compute.errors import ComputeError

MOST_UNPACKED_BYTES = 400 * 1024**2
# A sheet whose last row is 1,048,576 because somebody formatted a column ends here.
MOST_EMPTY_ROWS = 2_000
UNCOMPUTED = "#VALUE!"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def is_workbook(content: bytes) -> bool:
    """Whether it is a zip, as every XLSX file is."""
    return content.startswith(b"PK\x03\x04")


def refuse_other_offices(content: bytes) -> None:
    """Old Excel and password-protected files share a container that is not read."""
    if content.startswith(_OLE):
        raise ComputeError("This is an old Excel file or one with a password: save it as .xlsx without a password.")


def read_workbook(
    content: bytes, *, most_rows: int, most_columns: int
) -> tuple[list[tuple[int, list[Cell]]], tuple[str, ...]]:
    """(row number, cells) of the rows of the first visible sheet that are not empty, and notes for the person."""
    _refuse_bomb(content)
    book = _open(content, data_only=True)
    sheet, notes = _first_sheet(book)
    uncomputed = _uncomputed(content, sheet)
    lines, empty = [], 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        cells = [_cell(value) for value in row]
        for place in uncomputed.get(number, ()):
            cells[place] = UNCOMPUTED
        while cells and cells[-1] == "":
            cells.pop()
        empty = 0 if cells else empty + 1
        if empty > MOST_EMPTY_ROWS:
            break
        if not cells:
            continue
        if len(lines) > most_rows or len(cells) > most_columns:
            raise ComputeError(f"The sheet has more than {most_rows:,} rows or {most_columns:,} columns: send a part.")
        lines.append((number, cells))
    width = len(lines[0][1]) if lines else 0
    return [(number, cells + [""] * (width - len(cells))) for number, cells in lines], notes


def _refuse_bomb(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = packed.namelist()
            size = sum(entry.file_size for entry in packed.infolist())
    except zipfile.BadZipFile as error:
        raise ComputeError("The file is damaged: save the spreadsheet again as .xlsx.") from error
    if "xl/workbook.xml" not in names:
        raise ComputeError("This is no Excel workbook: save the table as .xlsx or as CSV.")
    if size > MOST_UNPACKED_BYTES:
        raise ComputeError("The workbook is too large unpacked: keep the sheet with the patients only, or send CSV.")


def _open(content: bytes, *, data_only: bool) -> Any:
    from openpyxl import load_workbook

    try:
        return load_workbook(io.BytesIO(content), read_only=True, data_only=data_only, keep_links=False)
    except Exception as error:  # openpyxl raises whatever its parts raise on a damaged file
        raise ComputeError("The workbook cannot be read: save it again as .xlsx, or send CSV.") from error


def _first_sheet(book: Any) -> tuple[Any, tuple[str, ...]]:
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not visible:
        raise ComputeError("The workbook has no visible sheet: put the patients on the first one.")
    many = f"The workbook has {len(visible)} sheets; the first one is read."
    return visible[0], ((many,) if len(visible) > 1 else ())


def _uncomputed(content: bytes, sheet: Any) -> dict[int, list[int]]:
    """Row → places of formulas that no program has computed: read as values they would look like empty cells."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        name = sheet._worksheet_path
        if b"<f" not in packed.read(name.lstrip("/")):
            return {}
    found: dict[int, list[int]] = {}
    formulas = _first_sheet(_open(content, data_only=False))[0]
    for number, (row, values) in enumerate(
        zip(formulas.iter_rows(), sheet.iter_rows(values_only=True), strict=False), start=1
    ):
        places = [i for i, cell in enumerate(row) if cell.data_type == "f" and i < len(values) and values[i] is None]
        if places:
            found[number] = places
    return found


def _cell(value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    return value if isinstance(value, bool | int | float | datetime | date) else str(value)
