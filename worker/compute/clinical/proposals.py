"""A mapping proposed from a table's headers and cells, with what a person needs to see to decide. REDCap's too."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice

from worker.compute.clinical.cells import Cell, accepts, text_of, word_of
from worker.compute.clinical.dates import EXCEL, possible_formats
from worker.compute.clinical.fields import (
    BY_NAME,
    CODED,
    FIELDS,
    KEY,
    MISSING_WORDS,
    SAME_PATIENT,
    Field,
    Kind,
    synonyms_of,
)
from worker.compute.clinical.grid import Grid, column_letter, require_patients
from worker.compute.clinical.mapping import ColumnMapping, Mapping
from worker.compute.errors import ComputeError

LOOKED_AT = 5_000
MOST_CODES = 40
LONGEST_CODE = 60
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
_REDCAP_EVENT = ("redcap_event_name", "event_name", "redcap_repeat_instance", "repeat_instance")
_REDCAP_OWN = re.compile(r"redcap_(?!data_access_group).*|.*_complete|event_name|repeat_instrument|repeat_instance")
_CHECKBOX = re.compile(r"(?P<name>\w+?)___(?P<code>\w+)|(?P<label>.+) \(choice=(?P<choice>.+)\)")


@dataclass(frozen=True, kw_only=True)
class ColumnLook:
    """A column as a person sees it: ``codes`` are its different words where they are few, never a long list of names.

    ``holds`` says in words what it is; ``date_formats`` are those under which every cell is a day.
    """

    letter: str
    header: str
    holds: str
    filled: int
    codes: tuple[str, ...] = ()
    date_formats: tuple[str, ...] = ()

    def to_json(self) -> dict:
        """With ``meanings``: for every coded field, what those of the codes that it understands stand for."""
        return {
            **self.__dict__,
            "codes": list(self.codes),
            "date_formats": list(self.date_formats),
            "meanings": {item.name: found for item in FIELDS if (found := meanings_of(item, self.codes))},
        }


def meanings_of(item: Field, codes: Sequence[str]) -> dict[str, str]:
    """What a coded field makes of each word that it understands, as it is or as a usual synonym."""
    if item.kind not in CODED:
        return {}
    synonyms = synonyms_of(item)
    meant = {code: word_of(item, code) or synonyms.get(code.lower(), "") for code in codes}
    return {code: meaning for code, meaning in meant.items() if meaning}


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A mapping, which may still need a decision, and a look at every column."""

    mapping: Mapping
    columns: tuple[ColumnLook, ...]
    rows: int
    is_redcap: bool
    questions: tuple[str, ...] = field(default=())


def propose_mapping(grid: Grid) -> Proposal:
    """What the table probably means. Nothing is decided: where two meanings fit, ``questions`` asks."""
    require_patients(grid)
    plain = [_plain(header) for header in grid.header]
    is_redcap = any(name in _REDCAP_EVENT or "___" in header for name, header in zip(plain, grid.header, strict=True))
    is_redcap = is_redcap or any("(choice=" in header for header in grid.header)
    cells = [list(islice(grid.column(place), LOOKED_AT)) for place in range(len(grid.header))]
    looks = tuple(
        _look(place, header, found) for place, (header, found) in enumerate(zip(grid.header, cells, strict=True))
    )
    fields = _fields(grid.header, plain, is_longitudinal=any(name in _REDCAP_EVENT for name in plain))
    decimal = _decimal([found for place, found in enumerate(cells) if _kind(fields.get(place)) == Kind.NUMBER])
    columns = [_column(grid.header[place], name, cells[place], looks[place], decimal) for place, name in fields.items()]
    mapping = Mapping(
        columns=tuple(columns),
        encoding=grid.encoding,
        delimiter=grid.delimiter,
        decimal=decimal,
        merge_rows=any(name in _REDCAP_EVENT for name in plain),
        missing=MISSING_WORDS,
    )
    return Proposal(
        mapping=mapping,
        columns=looks,
        rows=len(grid.lines),
        is_redcap=is_redcap,
        questions=tuple(_questions(mapping, looks)),
    )


def settled(proposal: Proposal) -> Mapping:
    """The proposed mapping where nobody needs to decide anything. Raises ComputeError with what is to be decided."""
    if proposal.questions:
        raise ComputeError(f"The table needs a mapping: {' '.join(proposal.questions)} Map its columns in the browser.")
    proposal.mapping.check()
    return proposal.mapping


def _plain(header: str) -> str:
    """“Age at PET/CT (years)” → “age_at_pet_ct”."""
    bare = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", header)
    return re.sub(r"[^\w]+|_+", "_", bare.lower()).strip("_")


def _kind(name: str | None) -> Kind | None:
    return BY_NAME[name].kind if name in BY_NAME else None


def _fields(header: Sequence[str], plain: Sequence[str], *, is_longitudinal: bool) -> dict[int, str]:
    """Place → field. A header that is the field's own name comes before one that only means it."""
    found: dict[int, str] = {}
    for item in FIELDS:
        place = _place_of(item, header, plain, found)
        if place is not None:
            found[place] = item.name
    for place, name in enumerate(header):
        if place not in found and (match := _CHECKBOX.fullmatch(name)) and _hpv_type(match):
            found[place] = "hpv_genotypes"
    key = next((place for place, name in found.items() if name == KEY), None)
    record = next((place for place, name in enumerate(plain) if name == "record_id"), None)
    if is_longitudinal and record is not None and record != key:
        found[record] = SAME_PATIENT
    return dict(sorted(found.items()))


def _place_of(item: Field, header: Sequence[str], plain: Sequence[str], taken: dict[int, str]) -> int | None:
    for wanted in (item.name, *item.headers):
        for place, name in enumerate(plain):
            same = name in (wanted, f"{wanted}_{_unit_suffix(item, name)}")
            if (
                same
                and place not in taken
                and not _REDCAP_OWN.fullmatch(name)
                and not _CHECKBOX.fullmatch(header[place])
            ):
                return place
    return None


def _unit_suffix(item: Field, name: str) -> str:
    """The unit that a header ends with, in plain form: “glucose_mg_dl” → “mg_dl”."""
    return next((_plain(unit) for unit in (item.unit, *item.units) if unit and name.endswith(f"_{_plain(unit)}")), "")


def _hpv_type(match: re.Match) -> str:
    """The type that a REDCap checkbox of HPV stands for; empty for any other checkbox."""
    code = match["code"] or match["choice"] or ""
    number = re.sub(r"(?i)hpv|[\s_-]", "", code)
    is_hpv = (match["name"] or match["label"] or "").lower().startswith("hpv")
    return number if is_hpv and accepts("hpv_genotypes", number or "x") else ""


def _column(header: str, name: str, cells: list[Cell], look: ColumnLook, decimal: str) -> ColumnMapping:
    if name == SAME_PATIENT:
        return ColumnMapping(header=header, field=name)
    item = BY_NAME[name]
    match = _CHECKBOX.fullmatch(header)
    if item.kind == Kind.GENOTYPES and match and _hpv_type(match):
        return ColumnMapping(header=header, field=name, checkbox=_hpv_type(match))
    return ColumnMapping(
        header=header,
        field=name,
        unit=_unit(item, header, cells, decimal),
        date_format=_date_format(look) if item.kind == Kind.DATE else "",
        codes=propose_codes(item, look.codes) if item.kind in CODED else {},
    )


def _date_format(look: ColumnLook) -> str:
    """The one format that fits; empty where two do, and a person must say."""
    written = [name for name in look.date_formats if name != EXCEL] or list(look.date_formats)
    return written[0] if len(written) == 1 or "YYYY-MM-DD" in written else ""


def propose_codes(item: Field, codes: Sequence[str]) -> dict[str, str]:
    """What the words of a column stand for, where they are not the field's own and their meaning is usual."""
    return {code.lower(): meaning for code, meaning in meanings_of(item, codes).items() if not accepts(item.name, code)}


def _unit(item: Field, header: str, cells: list[Cell], decimal: str) -> str:
    """The unit that the header names, else the one in which the middle value makes sense."""
    if item.kind != Kind.NUMBER:
        return ""
    for unit in (*item.units, item.unit):
        if re.search(rf"[(\[\s_]{re.escape(unit)}[)\]]?$", header, re.IGNORECASE) or _unit_suffix(
            item, _plain(header)
        ) == _plain(unit):
            return unit
    numbers = sorted(_numbers(cells))
    if not numbers:
        return item.unit
    middle = numbers[len(numbers) // 2]
    usual = [unit for unit, factor in item.units.items() if item.minimum <= middle * factor <= item.maximum]
    return item.unit if item.minimum <= middle <= item.maximum or not usual else usual[0]


def _numbers(cells: list[Cell]) -> list[float]:
    words = [text_of(cell) for cell in cells if not isinstance(cell, bool | date | datetime)]
    return [float(word.replace(",", ".")) for word in words if _NUMBER.fullmatch(word)]


def _decimal(columns: list[list[Cell]]) -> str:
    """A comma where numbers are written with one and none with a point."""
    words = [cell.strip() for cells in columns for cell in cells if isinstance(cell, str)]
    numbers = [word for word in words if _NUMBER.fullmatch(word)]
    return "," if any("," in word for word in numbers) and not any("." in word for word in numbers) else "."


def _look(place: int, header: str, cells: list[Cell]) -> ColumnLook:
    words = [text_of(cell) for cell in cells]
    distinct = list(dict.fromkeys(words))
    formats = possible_formats(cells) if cells else []
    few = len(distinct) <= MOST_CODES and all(len(word) <= LONGEST_CODE for word in distinct)
    is_coded = few and len(distinct) < max(len(words), 2)
    return ColumnLook(
        letter=column_letter(place),
        header=header,
        holds=_holds(cells, words, distinct, formats),
        filled=len(cells),
        codes=tuple(sorted(distinct, key=_code_order)) if is_coded or len(distinct) <= 6 and few else (),
        date_formats=tuple(formats),
    )


def _holds(cells: list[Cell], words: list[str], distinct: list[str], formats: list[str]) -> str:
    if not cells:
        return "nothing"
    if any(isinstance(cell, date) for cell in cells) or [name for name in formats if name != EXCEL]:
        return "dates"
    if all(_NUMBER.fullmatch(word) for word in words):
        return f"numbers, {len(distinct)} different"
    return f"words, {len(distinct)} different"


def _code_order(word: str) -> tuple[int, float, str]:
    return (0, float(word.replace(",", ".")), word) if _NUMBER.fullmatch(word) else (1, 0.0, word.lower())


def _questions(mapping: Mapping, looks: Sequence[ColumnLook]):
    by_header = {look.header: look for look in looks}
    if mapping.column_of(KEY) is None:
        yield "Choose the column with the hospital number."
    for column in mapping.columns:
        look = by_header[column.header]
        if _kind(column.field) == Kind.DATE and not column.date_format:
            fitting = ", ".join(look.date_formats) or "no format that is known"
            yield f"Choose how the dates of column {look.letter} are written ({fitting})."
        unknown = unknown_codes(column, look.codes, mapping.missing)
        if unknown:
            yield f"Say what the {len(unknown)} codes of column {look.letter} ({column.field}) stand for."


def unknown_codes(column: ColumnMapping, codes: Sequence[str], missing: Sequence[str]) -> list[str]:
    """Words of a coded column whose meaning is not known yet."""
    if _kind(column.field) not in CODED or column.checkbox:
        return []
    empty = {word.lower() for word in missing}
    return [
        code
        for code in codes
        if code.lower() not in column.codes and code.lower() not in empty and not accepts(column.field, code)
    ]
