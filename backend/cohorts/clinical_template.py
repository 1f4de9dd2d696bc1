"""The empty clinical table: PETRA's own columns as CSV, or as a workbook that explains them and offers their words."""

import csv
import io
from functools import cache

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from backend.cohorts.import_fields import IMPORT_FIELDS, ImportField

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHECKED_ROWS = 5_000
# Excel takes a list written in the rule itself up to this length.
LONGEST_LIST = 255


@cache
def csv_template() -> bytes:
    """The header alone, with the byte-order mark by which Excel reads UTF-8."""
    out = io.StringIO()
    csv.writer(out).writerow([field.name for field in IMPORT_FIELDS])
    return out.getvalue().encode("utf-8-sig")


@cache
def xlsx_template() -> bytes:
    """A sheet to fill and a sheet that says what each column holds."""
    book = Workbook()
    sheet = book.active
    sheet.title = "patients"
    sheet.append([field.name for field in IMPORT_FIELDS])
    sheet.freeze_panes = "B2"
    for place, field in enumerate(IMPORT_FIELDS, start=1):
        _column(sheet, get_column_letter(place), field)
    guide = book.create_sheet("columns")
    guide.append(["column", "meaning", "unit", "accepted"])
    for field in IMPORT_FIELDS:
        guide.append([field.name, field.title, field.unit, field.accepted])
    for letter, width in (("A", 30), ("B", 40), ("C", 12), ("D", 90)):
        guide.column_dimensions[letter].width = width
    for row in (sheet[1], guide[1]):
        for cell in row:
            cell.font = Font(bold=True)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _column(sheet, letter: str, field: ImportField) -> None:
    """Text for numbers of patients, so that no digit is lost; a list where there are few words."""
    sheet.column_dimensions[letter].width = max(12, len(field.name) + 2)
    if field.kind in ("key", "text"):
        for row in range(2, 502):
            sheet[f"{letter}{row}"].number_format = "@"
    words = ",".join(value for value, _ in field.words)
    if field.kind in ("choice", "flag") and len(words) <= LONGEST_LIST:
        rule = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True, showErrorMessage=True)
        rule.error = f"Accepted: {words}"[:220]
        sheet.add_data_validation(rule)
        rule.add(f"{letter}2:{letter}{CHECKED_ROWS}")
