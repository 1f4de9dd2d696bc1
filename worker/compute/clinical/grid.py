"""A delivered table as a grid of cells: CSV in the usual encodings and delimiters, or a spreadsheet (workbook.py)."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from worker.compute.clinical.cells import Cell
from worker.compute.clinical.workbook import is_workbook, read_workbook, refuse_other_offices
from worker.compute.errors import ComputeError

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Windows, Western Europe (1252)",
    "cp1250": "Windows, Central Europe (1250)",
    "cp1251": "Windows, Cyrillic (1251)",
    "mac_roman": "Macintosh, Western",
    "gb18030": "Chinese (GB 18030)",
    "big5": "Chinese, traditional (Big5)",
    "shift_jis": "Japanese (Shift JIS)",
    "euc_kr": "Korean (EUC-KR)",
}
MOST_ROWS, MOST_COLUMNS = 100_000, 3_000
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, kw_only=True)
class Grid:
    """``lines`` are (row number as a spreadsheet counts, cells); ``header`` is the first line that is not empty."""

    header: tuple[str, ...]
    lines: list[tuple[int, list[Cell]]]
    is_workbook: bool = False
    encoding: str = ""
    delimiter: str = ""
    notes: tuple[str, ...] = ()

    def column(self, place: int) -> Iterator[Cell]:
        """The cells of a column that are not empty."""
        return (cells[place] for _, cells in self.lines if place < len(cells) and not is_empty(cells[place]))


def is_empty(cell: Cell) -> bool:
    return isinstance(cell, str) and not cell.strip()


def column_letter(place: int) -> str:
    """0 → A, 26 → AA: the name that a spreadsheet gives a column."""
    letters, left = "", place + 1
    while left:
        left, rest = divmod(left - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def read_grid(content: bytes, *, encoding: str = "", delimiter: str = "") -> Grid:
    """Reads a delivery. Raises ComputeError, in a sentence, for a file that is no table or is too large.

    Without an encoding the text must be UTF-8 or have a byte-order mark: a wrong guess would change letters unseen.
    """
    refuse_other_offices(content)
    if is_workbook(content):
        lines, notes = read_workbook(content, most_rows=MOST_ROWS, most_columns=MOST_COLUMNS)
        header, rest = _split_header(lines)
        return Grid(header=header, lines=rest, is_workbook=True, notes=notes)
    text, encoding = decode(content, encoding)
    delimiter = delimiter or _delimiter_of(text)
    lines = [(number, cells) for number, cells in _read_csv(text, delimiter) if any(not is_empty(c) for c in cells)]
    header, rest = _split_header(lines)
    return Grid(header=header, lines=rest, encoding=encoding, delimiter=delimiter)


def decode(content: bytes, encoding: str = "") -> tuple[str, str]:
    """(text, encoding). A byte-order mark decides over what was asked for."""
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), "")
    chosen = marked or encoding or "utf-8"
    try:
        text = content.decode(chosen)
    except (UnicodeDecodeError, LookupError) as error:
        if encoding and not marked:
            raise ComputeError(f"The table is not {ENCODINGS.get(encoding, encoding)} text: choose another.") from error
        raise ComputeError(
            "The table is not UTF-8 text: choose its encoding in the mapping, or save it as “CSV UTF-8”."
        ) from error
    if "\0" in text:
        raise ComputeError("The file holds zero bytes and is no text: send the table as CSV or XLSX.")
    return text, "utf-8" if chosen == "utf-8-sig" else chosen


def guess_encoding(content: bytes) -> str:
    """The encoding of ``ENCODINGS`` that fits best; to be shown to a person, never to be used unseen."""
    from charset_normalizer import from_bytes

    try:
        return decode(content)[1]
    except ComputeError:
        found = from_bytes(content[:200_000], cp_isolation=[name for name in ENCODINGS if not name.startswith("utf")])
        best = found.best()
        return best.encoding if best and best.encoding in ENCODINGS else "cp1252"


def _delimiter_of(text: str) -> str:
    """Whatever splits the first written line most; delimiters within quotes split nothing."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    first = "".join(first.split('"')[::2])
    return max(DELIMITERS, key=first.count)


def _read_csv(text: str, delimiter: str) -> Iterator[tuple[int, list[Cell]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            if number > MOST_ROWS:
                raise ComputeError(f"The table has more than {MOST_ROWS:,} rows: send it in parts.")
            if len(cells) > MOST_COLUMNS:
                raise ComputeError(f"Row {number} has more than {MOST_COLUMNS:,} cells: check the delimiter.")
            yield number, list(cells)
    except csv.Error as error:
        raise ComputeError(
            "The table is not valid CSV (a quote is left open, or a cell is huge): save it again as CSV."
        ) from error


def _split_header(lines: Sequence[tuple[int, list[Cell]]]) -> tuple[tuple[str, ...], list[tuple[int, list[Cell]]]]:
    if not lines:
        raise ComputeError("The table is empty: send one with a header and one row per patient.")
    header = tuple(str(cell).strip() for cell in lines[0][1])
    return header, list(lines[1:])


def require_patients(grid: Grid) -> None:
    """Raises ComputeError where there is a header alone."""
    if not grid.lines:
        raise ComputeError("The table has a header but no patient: add one row per patient.")
