"""The clinical and pathology row of one patient, and the columns of ``clinical.csv`` with units and meaning."""

from dataclasses import dataclass, fields
from datetime import date


@dataclass(frozen=True)
class ClinicalColumn:
    """One column: its name, its unit (empty for words and flags) and what it holds."""

    name: str
    unit: str
    description: str


CLINICAL_COLUMNS = (
    ClinicalColumn("hospital_number", "", "the PatientID of the DICOM headers; replaced by the pseudonym at import"),
    ClinicalColumn("cancer_type", "", "endometrial | ovarian | cervical"),
    ClinicalColumn("age_years", "years", "age at the PET/CT"),
    ClinicalColumn("bmi_kg_m2", "kg/m2", "body mass index"),
    ClinicalColumn("height_cm", "cm", "height"),
    ClinicalColumn("weight_kg", "kg", "weight at the PET/CT"),
    ClinicalColumn("figo_stage", "", "I | II | III | IV | indeterminate"),
    ClinicalColumn("figo_edition", "", "cervix 2018, ovary 2014, endometrium 2009"),
    ClinicalColumn("lymph_node_metastasis", "", "1 with, 0 without"),
    ClinicalColumn("grade", "", "well | moderate | poor"),
    ClinicalColumn("histotype", "", "histological type"),
    ClinicalColumn("hpv_status", "", "positive | negative | not_tested"),
    ClinicalColumn(
        "p53_percent_stained", "%", "tumour nuclei stained for p53; more than 5 is TP53 mutated by the paper"
    ),
    ClinicalColumn("p53_intensity", "", "none | weak | moderate | strong"),
    ClinicalColumn("p53_pattern", "", "wild_type | overexpression | null | cytoplasmic | subclonal"),
    ClinicalColumn("p53_internal_control", "", "1 where normal cells of the slide stain, 0 where the stain failed"),
    ClinicalColumn("first_admission_date", "", "ISO date; shifted at import"),
    ClinicalColumn("pet_date", "", "ISO date of the PET/CT; shifted at import"),
    ClinicalColumn("biopsy_date", "", "ISO date of biopsy or surgery; shifted at import"),
    ClinicalColumn("biopsy_confirmed", "", "1 where histology confirms the primary cancer"),
    ClinicalColumn("treated_before_pet", "", "1 with any treatment before the PET/CT"),
    ClinicalColumn("developmental_abnormality", "", "1 with a developmental abnormality"),
    ClinicalColumn("gynaecological_history", "", "1 with earlier gynaecological disease"),
    ClinicalColumn("other_tumour_history", "", "1 with another tumour in the past"),
    ClinicalColumn("secondary_tumour", "", "1 where the tumour is secondary"),
    ClinicalColumn("fasting_hours", "h", "fasting before the tracer"),
    ClinicalColumn("glucose_mmol_l", "mmol/L", "blood glucose before the tracer"),
    ClinicalColumn("centre", "", "the hospital's name for its site"),
)


@dataclass(frozen=True, kw_only=True)
class ClinicalRecord:
    """One row of ``clinical.csv``; the fields are ``CLINICAL_COLUMNS`` in order."""

    hospital_number: str
    cancer_type: str
    age_years: int
    bmi_kg_m2: float
    height_cm: int
    weight_kg: float
    figo_stage: str
    figo_edition: str
    lymph_node_metastasis: int
    grade: str
    histotype: str
    hpv_status: str
    p53_percent_stained: int
    p53_intensity: str
    p53_pattern: str
    p53_internal_control: int
    first_admission_date: date
    pet_date: date
    biopsy_date: date
    biopsy_confirmed: int = 1
    treated_before_pet: int = 0
    developmental_abnormality: int = 0
    gynaecological_history: int = 0
    other_tumour_history: int = 0
    secondary_tumour: int = 0
    fasting_hours: float = 6.0
    glucose_mmol_l: float = 5.5
    centre: str = ""

    def to_row(self) -> dict[str, str]:
        """The values as the CSV has them: ISO dates, numbers with a point."""
        return {column.name: str(getattr(self, column.name)) for column in fields(self)}
