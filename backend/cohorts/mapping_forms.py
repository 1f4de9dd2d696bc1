"""The form that says what the columns of a clinical table mean: one row a column, its details by the chosen field."""

from dataclasses import dataclass, field
from typing import Any

from django import forms

from backend.cohorts.figo import EDITIONS
from backend.cohorts.import_fields import BY_NAME, DATE_FORMATS, ENCODINGS, KEY, SAME_PATIENT, field_choices
from backend.cohorts.models import CancerType

# A code that is not said to mean anything stays a refused cell; one that means “not known” is an empty cell.
REFUSE, LEAVE_EMPTY = "=", ""
DECIMALS = ((".", "Point (1.5)"), (",", "Comma (1,5)"))
_CODED = frozenset({"choice", "flag", "stage"})


@dataclass
class MappedColumn:
    """A column of the page: its look and the bound fields that its chosen meaning needs."""

    look: dict
    chosen: forms.BoundField
    unit: forms.BoundField | None = None
    date: forms.BoundField | None = None
    codes: list[tuple[str, forms.BoundField]] = field(default_factory=list)
    understood: list[str] = field(default_factory=list)
    checkbox: str = ""
    accepted: str = ""


class MappingForm(forms.Form):
    """``look`` is what the worker saw in the table; ``mapping`` what is proposed or remembered."""

    decimal = forms.ChoiceField(label="Decimal mark", choices=DECIMALS)
    merge_rows = forms.BooleanField(label="A patient may have several rows: join them where they agree", required=False)
    missing = forms.CharField(label="Words for “not known”, by semicolons", required=False, max_length=500)
    remember = forms.CharField(label="Remember this mapping as", required=False, max_length=80)

    def __init__(self, *args: Any, look: dict, mapping: dict, mapping_name: str = "", **kwargs: Any) -> None:
        self.look, self.mapping = look, mapping
        initial = {
            "decimal": mapping.get("decimal") or ".",
            "merge_rows": mapping.get("merge_rows", False),
            "missing": "; ".join(mapping.get("missing", ())),
            "remember": mapping_name,
        }
        super().__init__(*args, initial=initial, **kwargs)
        for cancer, editions in EDITIONS.items():
            self.fields[f"edition_{cancer}"] = forms.ChoiceField(
                label=CancerType(cancer).label,
                required=False,
                choices=[("", "in the table, or not known"), *((edition, edition) for edition in editions)],
                initial=mapping.get("editions", {}).get(cancer, ""),
            )
        proposed = {column["header"]: column for column in mapping.get("columns", [])}
        for place, column in enumerate(look["columns"]):
            self._add_column(place, column, proposed.get(column["header"], {}))

    def _add_column(self, place: int, column: dict, proposed: dict) -> None:
        self.fields[f"field_{place}"] = forms.ChoiceField(
            choices=field_choices(),
            required=False,
            initial=proposed.get("field", ""),
            widget=forms.Select(attrs={"aria-label": f"Meaning of column {column['letter']}"}),
        )
        name = self._chosen(place, proposed)
        meant = BY_NAME.get(name)
        if meant is None or self._checkbox(place, proposed, name):
            return
        same = proposed if proposed.get("field") == name else {}
        if meant.kind == "number" and len(meant.units) > 1:
            units = [(unit, unit) for unit in meant.units]
            self.fields[f"unit_{place}"] = forms.ChoiceField(choices=units, initial=same.get("unit") or meant.unit)
        if meant.kind == "date":
            formats = column["date_formats"]
            first = formats[0] if len(formats) == 1 or "YYYY-MM-DD" in formats[:1] else ""
            self.fields[f"date_{place}"] = forms.ChoiceField(
                choices=[("", "choose …"), *((name, name) for name in DATE_FORMATS)],
                initial=same.get("date_format") or first,
                error_messages={"required": "Choose how the dates of this column are written."},
            )
        if meant.kind in _CODED:
            self._add_codes(place, column, name, same.get("codes", {}))

    def _add_codes(self, place: int, column: dict, name: str, codes: dict[str, str]) -> None:
        """A choice for each word that the field does not hold as it is."""
        meanings = column["meanings"].get(name, {})
        missing = {word.strip().lower() for word in self.mapping.get("missing", ())}
        options = [(REFUSE, "refuse it"), (LEAVE_EMPTY, "not known"), *BY_NAME[name].words]
        for number, code in enumerate(column["codes"]):
            if self._is_own_word(name, code, meanings) and code.lower() not in codes:
                continue
            default = LEAVE_EMPTY if code.lower() in missing else meanings.get(code, REFUSE)
            self.fields[f"code_{place}_{number}"] = forms.ChoiceField(
                choices=options, required=False, initial=codes.get(code.lower(), default)
            )

    @staticmethod
    def _is_own_word(name: str, code: str, meanings: dict[str, str]) -> bool:
        if BY_NAME[name].kind == "flag":
            return code.lower() in ("1", "0", "yes", "no", "true", "false")
        return meanings.get(code, "").lower() == code.lower()

    def _chosen(self, place: int, proposed: dict) -> str:
        return self.data.get(f"field_{place}", "") if self.is_bound else proposed.get("field", "")

    @staticmethod
    def _checkbox(place: int, proposed: dict, name: str) -> str:
        return proposed.get("checkbox", "") if proposed.get("field") == name else ""

    def columns(self) -> list[MappedColumn]:
        """The rows of the page."""
        proposed = {column["header"]: column for column in self.mapping.get("columns", [])}
        return [
            self._mapped(place, column, proposed.get(column["header"], {}))
            for place, column in enumerate(self.look["columns"])
        ]

    def _mapped(self, place: int, column: dict, proposed: dict) -> MappedColumn:
        name = self._chosen(place, proposed)
        numbers = [n for n in range(len(column["codes"])) if f"code_{place}_{n}" in self.fields]
        meant = BY_NAME.get(name)
        shows_codes = meant is not None and meant.kind in _CODED
        meanings = column["meanings"].get(name, {})
        own = [code for n, code in enumerate(column["codes"]) if n not in numbers and code in meanings]
        return MappedColumn(
            look=column,
            chosen=self[f"field_{place}"],
            unit=self[f"unit_{place}"] if f"unit_{place}" in self.fields else None,
            date=self[f"date_{place}"] if f"date_{place}" in self.fields else None,
            codes=[(column["codes"][n], self[f"code_{place}_{n}"]) for n in numbers],
            understood=own if shows_codes else [],
            checkbox=self._checkbox(place, proposed, name),
            accepted=meant.accepted if meant else "",
        )

    def editions(self) -> list[forms.BoundField]:
        return [self[f"edition_{cancer}"] for cancer in EDITIONS]

    def clean(self) -> dict:
        cleaned = super().clean()
        chosen = [cleaned.get(f"field_{place}") for place in range(len(self.look["columns"]))]
        if KEY not in chosen:
            self.add_error(None, "Choose the column that holds the hospital number.")
        for name in dict.fromkeys(chosen):
            places = [p for p, other in enumerate(chosen) if other == name]
            ticks = name == "hpv_genotypes"
            if name and len(places) > 1 and not ticks:
                title = "Record" if name == SAME_PATIENT else BY_NAME[name].title
                letters = ", ".join(self.look["columns"][place]["letter"] for place in places)
                self.add_error(None, f"{title} is chosen for the columns {letters}: choose one.")
        return cleaned

    def to_mapping(self) -> dict:
        """The mapping as the worker reads it; asked only of a valid form."""
        cleaned = self.cleaned_data
        proposed = {column["header"]: column for column in self.mapping.get("columns", [])}
        columns = [
            self._column(place, column, proposed.get(column["header"], {}))
            for place, column in enumerate(self.look["columns"])
            if cleaned[f"field_{place}"]
        ]
        return {
            "columns": columns,
            "encoding": self.look["encoding"],
            "delimiter": self.mapping.get("delimiter", ""),
            "decimal": cleaned["decimal"],
            "merge_rows": cleaned["merge_rows"],
            "missing": [word.strip() for word in cleaned["missing"].split(";") if word.strip()],
            "editions": {c: cleaned[f"edition_{c}"] for c in EDITIONS if cleaned[f"edition_{c}"]},
        }

    def _column(self, place: int, column: dict, proposed: dict) -> dict:
        cleaned, name = self.cleaned_data, self.cleaned_data[f"field_{place}"]
        codes = {
            code.lower(): cleaned[f"code_{place}_{number}"]
            for number, code in enumerate(column["codes"])
            if cleaned.get(f"code_{place}_{number}", REFUSE) != REFUSE
        }
        return {
            "header": column["header"],
            "field": name,
            "unit": cleaned.get(f"unit_{place}", ""),
            "date_format": cleaned.get(f"date_{place}", ""),
            "codes": codes,
            "checkbox": self._checkbox(place, proposed, name),
        }


def posted_mapping(look: dict, mapping: dict, data: Any, *, changed: str) -> dict:
    """The mapping as a half-filled page has it; ``changed`` is the select that a person has just turned.

    Its column drops the details of the meaning that it had, and gets those of the new one by proposal.
    """
    proposed = {column["header"]: column for column in mapping.get("columns", [])}
    columns = []
    for place, column in enumerate(look["columns"]):
        name = data.get(f"field_{place}", "")
        if not name:
            continue
        before = proposed.get(column["header"], {})
        entry = {**(before if before.get("field") == name else {}), "header": column["header"], "field": name}
        if changed != f"field_{place}":
            codes = {code.lower(): data.get(f"code_{place}_{n}") for n, code in enumerate(column["codes"])}
            entry |= {"unit": data.get(f"unit_{place}", ""), "date_format": data.get(f"date_{place}", "")}
            entry["codes"] = {code: meaning for code, meaning in codes.items() if meaning not in (None, REFUSE)}
        columns.append(entry)
    return {
        **mapping,
        "columns": columns,
        "decimal": data.get("decimal", "."),
        "merge_rows": "merge_rows" in data,
        "missing": [word.strip() for word in data.get("missing", "").split(";") if word.strip()],
        "editions": {cancer: data[f"edition_{cancer}"] for cancer in EDITIONS if data.get(f"edition_{cancer}")},
    }


class EncodingForm(forms.Form):
    """Reads the columns again under another encoding."""

    encoding = forms.ChoiceField(label="Encoding of the text", choices=list(ENCODINGS.items()))
