"""The fields of a clinical table as the mapping page and the template name them, with what each accepts.

The worker reads tables by worker/compute/clinical/fields.py; tests/contracts holds the two together.
"""

from dataclasses import dataclass

from django.db import models

from backend.cohorts.clinical_fields import FIELDS
from backend.cohorts.figo import ALL_STAGES
from backend.cohorts.models import ClinicalRecord

KEY, SAME_PATIENT = "hospital_number", "same_patient"
DATE_FORMATS = (
    "YYYY-MM-DD", "YYYY/MM/DD", "YYYY.MM.DD", "YYYYMMDD", "DD.MM.YYYY", "DD/MM/YYYY", "DD-MM-YYYY", "MM/DD/YYYY",
    "MM-DD-YYYY", "Excel serial number",
)  # fmt: skip
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
OTHER_UNITS = {
    "age_years": ("months",),
    "height_cm": ("m", "mm"),
    "weight_kg": ("g", "lb"),
    "fasting_hours": ("min",),
    "glucose_mmol_l": ("mg/dL",),
    "p53_percent_stained": ("fraction",),
}
_FLAG_WORDS = (("1", "Yes"), ("0", "No"))
_P53 = (
    ("p53_percent_stained", "p53 stained nuclei", "%", "number", ()),
    ("p53_intensity", "p53 intensity", "", "choice",
     (("none", "None"), ("weak", "Weak"), ("moderate", "Moderate"), ("strong", "Strong"))),
    ("p53_pattern", "p53 pattern", "", "choice",
     (("wild_type", "Wild-type"), ("overexpression", "Overexpression"), ("null", "Null"),
      ("cytoplasmic", "Cytoplasmic"), ("subclonal", "Subclonal"))),
    ("p53_internal_control", "p53 internal control stained", "", "flag", _FLAG_WORDS),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ImportField:
    """``words`` are (value, label) of a coded field; ``accepted`` says in words what a cell may hold."""

    name: str
    title: str
    group: str
    kind: str
    unit: str = ""
    words: tuple[tuple[str, str], ...] = ()
    accepted: str = ""

    @property
    def units(self) -> tuple[str, ...]:
        return (self.unit, *OTHER_UNITS.get(self.name, ()))

    @property
    def title_with_unit(self) -> str:
        return f"{self.title} ({self.unit})" if self.unit else self.title


def _clinical() -> list[ImportField]:
    found = []
    for item in FIELDS:
        column = ClinicalRecord._meta.get_field(item.name)
        kind, words = _kind(column)
        unit = "" if kind == "date" else item.unit if kind == "number" else ""
        accepted = _accepted(kind, words, unit, column)
        found.append(
            ImportField(
                name=item.name,
                title=item.title,
                group=item.group,
                kind=kind,
                unit=unit,
                words=words,
                accepted=accepted,
            )
        )
    return found


def _kind(column: models.Field) -> tuple[str, tuple[tuple[str, str], ...]]:
    if column.name == "figo_stage":
        return "stage", tuple((stage, stage) for stage in ALL_STAGES)
    if column.choices:
        return "choice", tuple((str(value), str(label)) for value, label in column.choices)
    kinds = {models.BooleanField: "flag", models.FloatField: "number", models.DateField: "date"}
    kind = next((kind for type_, kind in kinds.items() if isinstance(column, type_)), "text")
    return kind, (_FLAG_WORDS if kind == "flag" else ())


def _accepted(kind: str, words: tuple[tuple[str, str], ...], unit: str, column: models.Field | None) -> str:
    if kind == "number" and column is not None:
        low, high = (validator.limit_value for validator in column.validators[:2])
        return f"{low:g} to {high:g} {unit}"
    if kind in ("flag", "date"):
        return {"flag": "1 (yes) or 0 (no)", "date": "YYYY-MM-DD, a true date; it is shifted at import"}[kind]
    if kind == "stage":
        return "I, II, III, IV with the letters of the edition (IIIC1, IICmp53abn), or indeterminate"
    return ", ".join(value for value, _ in words) or _TEXTS.get(column.name if column else "", "")


_TEXTS = {
    "tnm_t": "such as pT1b2, Tis, TX",
    "tnm_n": "such as pN1mi, N0, NX",
    "tnm_m": "such as M0, M1a, MX",
    "hpv_genotypes": "numbers of HPV types, such as 16, 18",
}

IMPORT_FIELDS: tuple[ImportField, ...] = (
    ImportField(
        name=KEY,
        title="Hospital number",
        group="Patient's key",
        kind="key",
        accepted="the PatientID of the DICOM headers, as text",
    ),
    *_clinical(),
    *(
        ImportField(
            name=name,
            title=title,
            group="p53",
            kind=kind,
            unit=unit,
            words=words,
            accepted="0 to 100 %" if kind == "number" else _accepted(kind, words, unit, None),
        )
        for name, title, unit, kind, words in _P53
    ),
    ImportField(name="centre", title="Centre", group="Centre", kind="text", accepted="text up to 60 characters"),
)
BY_NAME = {field.name: field for field in IMPORT_FIELDS}


def field_choices() -> list[tuple[str, object]]:
    """The options of a column: passed over, the keys, and every field under its group."""
    groups = dict.fromkeys(field.group for field in IMPORT_FIELDS)
    choices: list[tuple[str, object]] = [("", "– not read –")]
    for group in groups:
        members = [(field.name, field.title_with_unit) for field in IMPORT_FIELDS if field.group == group]
        if group == "Patient's key":
            members.append((SAME_PATIENT, "Record (rows of the same patient share it)"))
        choices.append((group, members))
    return choices
