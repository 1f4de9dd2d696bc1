"""The clinical values as people read them: title, unit and words, in the order of the form."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from backend.cohorts.models import ClinicalRecord


@dataclass(frozen=True, kw_only=True)
class ClinicalField:
    """One value of a record."""

    name: str
    title: str
    unit: str = ""
    group: str

    @property
    def title_with_unit(self) -> str:
        return f"{self.title} ({self.unit})" if self.unit else self.title


def _group(group: str, *rows: tuple[str, ...]) -> list[ClinicalField]:
    return [ClinicalField(name=row[0], title=row[1], unit=row[2] if len(row) > 2 else "", group=group) for row in rows]


FIELDS = (
    *_group(
        "Tumour",
        ("cancer_type", "Cancer"),
        ("figo_stage", "FIGO stage"),
        ("figo_edition", "FIGO edition", "year"),
        ("figo_stage_source", "Stage known from"),
        ("lymph_node_metastasis", "Lymph-node metastasis"),
        ("lymph_node_source", "Nodes known from"),
        ("grade", "Grade"),
        ("grade_source", "Grade known from"),
        ("tnm_t", "T"),
        ("tnm_n", "N"),
        ("tnm_m", "M"),
        ("histotype", "Histotype"),
        ("hpv_status", "HPV"),
        ("hpv_genotypes", "HPV types"),
    ),
    *_group(
        "Patient",
        ("age_years", "Age at PET/CT", "years"),
        ("height_cm", "Height", "cm"),
        ("weight_kg", "Weight", "kg"),
        ("bmi_kg_m2", "Body mass index", "kg/m²"),
        ("fasting_hours", "Fasting", "h"),
        ("glucose_mmol_l", "Blood glucose", "mmol/L"),
    ),
    *_group(
        "Treatment",
        ("surgery_date", "Surgery", "shifted date"),
        ("chemotherapy_start_date", "Start of chemotherapy", "shifted date"),
        ("radiotherapy_start_date", "Start of radiotherapy", "shifted date"),
    ),
    *_group(
        "Eligibility",
        ("first_admission_date", "First admission", "shifted date"),
        ("pet_date", "PET/CT", "shifted date"),
        ("biopsy_date", "Biopsy or surgery", "shifted date"),
        ("biopsy_confirmed", "Histology confirms a primary cancer"),
        ("treated_before_pet", "Treated before PET/CT"),
        ("developmental_abnormality", "Developmental abnormality"),
        ("gynaecological_history", "Earlier gynaecological disease"),
        ("secondary_tumour", "Secondary tumour"),
        ("other_tumour_history", "History of another tumour"),
    ),
)
BY_NAME = {field.name: field for field in FIELDS}


def shown_value(name: str, value: Any) -> str:
    """A value in the words of the clinic; a dash where nothing is known."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    choices = dict(ClinicalRecord._meta.get_field(name).choices or ())
    shown = str(choices.get(value, f"{value:g}" if isinstance(value, float) else value)).replace("_", " ")
    return shown.replace(",", ", ") if name == "hpv_genotypes" else shown


def shown_groups_with_history(
    record: ClinicalRecord, history: list[dict[str, Any]]
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """(group, [{name, title, value, changes}]); ``changes`` are all changes of that value, newest first."""
    for group in dict.fromkeys(field.group for field in FIELDS):
        rows = []
        for field in (field for field in FIELDS if field.group == group):
            changes = [
                {
                    "record": entry["record"],
                    "old": shown_value(field.name, entry["changes"][field.name][0]),
                    "new": shown_value(field.name, entry["changes"][field.name][1]),
                }
                for entry in history
                if field.name in entry["changes"]
            ]
            value = shown_value(field.name, getattr(record, field.name))
            rows.append({"name": field.name, "title": field.title_with_unit, "value": value, "changes": changes})
        yield group, rows


def shown_changes(changes: dict[str, tuple[Any, Any]]) -> list[tuple[str, str, str]]:
    """(title with unit, old value, new value) of a change."""
    return [
        (BY_NAME[name].title_with_unit, shown_value(name, old), shown_value(name, new))
        for name, (old, new) in changes.items()
    ]
