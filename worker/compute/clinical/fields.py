"""The fields of the clinical table: what each holds, its unit and range, and the words a hospital may use for it."""

from dataclasses import dataclass, field
from enum import StrEnum

KEY = "hospital_number"
SAME_PATIENT = "same_patient"
"""Not a value: rows that share it are of one patient (REDCap's record_id beside a number that only one event has)."""


class Kind(StrEnum):
    KEY = "key"
    NUMBER = "number"
    CHOICE = "choice"
    FLAG = "flag"
    DATE = "date"
    TEXT = "text"
    STAGE = "stage"
    TNM = "tnm"
    GENOTYPES = "genotypes"


CODED = frozenset({Kind.CHOICE, Kind.FLAG, Kind.STAGE})
"""Kinds whose cells may be codes (1, 2, 3) that a mapping puts into words."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """``units`` holds what one of each other unit is in ``unit``; ``headers`` names of columns in plain form."""

    name: str
    kind: Kind
    unit: str = ""
    minimum: float = 0.0
    maximum: float = 0.0
    units: dict[str, float] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    limit: int = 0
    headers: tuple[str, ...] = ()
    is_p53: bool = False


HISTOTYPES = (
    "endometrioid", "serous", "high_grade_serous", "low_grade_serous", "clear_cell", "mucinous", "carcinosarcoma",
    "undifferentiated", "dedifferentiated", "mixed", "mesonephric", "squamous", "adenocarcinoma", "adenosquamous",
    "neuroendocrine", "other",
)  # fmt: skip
SOURCES = ("pathology", "imaging", "clinical")
EDITIONS = ("2009", "2014", "2018", "2023")
CANCERS = ("endometrial", "ovarian", "cervical")


def _number(name: str, minimum: float, maximum: float, unit: str, *headers: str, **units: float) -> Field:
    # "per" stands for the stroke and "percent" for the sign that no keyword can hold.
    others = {key.replace("_per_", "/").replace("percent", "%"): factor for key, factor in units.items()}
    return Field(
        name=name, kind=Kind.NUMBER, minimum=minimum, maximum=maximum, unit=unit, headers=headers, units=others
    )


def _choice(name: str, words: tuple[str, ...], *headers: str, is_p53: bool = False) -> Field:
    return Field(name=name, kind=Kind.CHOICE, words=words, headers=headers, is_p53=is_p53)


def _flag(name: str, *headers: str, is_p53: bool = False) -> Field:
    return Field(name=name, kind=Kind.FLAG, headers=headers, is_p53=is_p53)


def _date(name: str, *headers: str) -> Field:
    return Field(name=name, kind=Kind.DATE, headers=headers)


_PERCENT = _number(
    "p53_percent_stained", 0, 100, "%", "p53_percent", "p53_stained", "p53_ihc_percent", "p53_positive_nuclei",
    fraction=100.0,
)  # fmt: skip

FIELDS: tuple[Field, ...] = (
    Field(
        name=KEY,
        kind=Kind.KEY,
        headers=(
            "mrn", "medical_record_number", "hospital_no", "hospital_id", "patient_id", "patientid", "patient_number",
            "patient_no", "pid", "dicom_patient_id", "record_id", "study_id", "subject_id",
        ),
    ),
    _choice("cancer_type", CANCERS, "cancer", "tumour_type", "tumor_type", "tumour_site", "primary_site", "diagnosis"),
    _number("age_years", 0, 120, "years", "age", "age_at_pet_ct", "age_at_pet", "age_at_scan", "age_at_diagnosis",
            months=1 / 12),
    _number("bmi_kg_m2", 8, 100, "kg/m²", "bmi", "body_mass_index"),
    _number("height_cm", 50, 250, "cm", "height", "body_height", "patient_height", m=100.0, mm=0.1),
    _number("weight_kg", 20, 400, "kg", "weight", "body_weight", "patient_weight", g=0.001, lb=0.45359237),
    Field(name="figo_stage", kind=Kind.STAGE, headers=("figo", "stage", "figo_staging", "tumour_stage", "tumor_stage")),
    _choice("figo_edition", EDITIONS, "figo_version", "figo_year", "edition"),
    _choice("figo_stage_source", SOURCES, "figo_source", "stage_source"),
    _flag("lymph_node_metastasis", "lymph_node", "lymph_nodes", "lymph_node_positive", "nodal_status",
          "lymph_node_status", "ln", "ln_metastasis", "node_metastasis", "nodal_metastasis"),
    _choice("lymph_node_source", SOURCES, "ln_source", "nodal_source"),
    _choice("grade", ("well", "moderate", "poor"), "tumour_grade", "tumor_grade", "differentiation",
            "histological_grade"),
    _choice("grade_source", SOURCES),
    Field(name="tnm_t", kind=Kind.TNM, headers=("t", "pt", "ct", "t_stage", "t_category")),
    Field(name="tnm_n", kind=Kind.TNM, headers=("n", "pn", "cn", "n_stage", "n_category")),
    Field(name="tnm_m", kind=Kind.TNM, headers=("m", "pm", "cm", "m_stage", "m_category")),
    _choice("histotype", HISTOTYPES, "histology", "histological_type", "histologic_type", "histological_subtype"),
    _choice("hpv_status", ("positive", "negative", "not_tested"), "hpv", "hpv_result", "hpv_test"),
    Field(name="hpv_genotypes", kind=Kind.GENOTYPES, limit=60, headers=("hpv_type", "hpv_types", "hpv_genotype")),
    Field(**{**_PERCENT.__dict__, "is_p53": True}),
    _choice("p53_intensity", ("none", "weak", "moderate", "strong"), "p53_staining_intensity", is_p53=True),
    _choice("p53_pattern", ("wild_type", "overexpression", "null", "cytoplasmic", "subclonal"),
            "p53_ihc_pattern", "p53", "p53_ihc", "p53_status", is_p53=True),
    _flag("p53_internal_control", "p53_control", "internal_control", is_p53=True),
    _date("first_admission_date", "first_admission", "admission_date", "date_of_first_admission", "admission",
          "date_of_admission"),
    _date("pet_date", "pet_ct_date", "pet", "pet_ct", "date_of_pet_ct", "date_of_pet", "scan_date", "date_of_scan"),
    _date("biopsy_date", "biopsy", "biopsy_or_surgery", "date_of_biopsy", "biopsy_or_surgery_date",
          "date_of_biopsy_or_surgery"),
    _date("surgery_date", "surgery", "date_of_surgery", "operation_date", "date_of_operation"),
    _date("chemotherapy_start_date", "chemotherapy", "chemotherapy_start", "chemo_start", "start_of_chemotherapy"),
    _date("radiotherapy_start_date", "radiotherapy", "radiotherapy_start", "rt_start", "start_of_radiotherapy"),
    _flag("biopsy_confirmed", "histology_confirmed", "confirmed", "histologically_confirmed"),
    _flag("treated_before_pet", "treatment_before_pet", "prior_treatment", "pretreated", "treated_before_pet_ct"),
    _flag("developmental_abnormality", "developmental_anomaly"),
    _flag("gynaecological_history", "gynecological_history", "history_of_gynaecological_disease"),
    _flag("other_tumour_history", "other_tumor_history", "history_of_another_tumour", "previous_cancer"),
    _flag("secondary_tumour", "secondary_tumor"),
    _number("fasting_hours", 0, 72, "h", "fasting", "fasting_time", "fasting_duration", min=1 / 60),
    # 1 mmol of glucose weighs 180.156 mg.
    _number("glucose_mmol_l", 1, 40, "mmol/L", "glucose", "blood_glucose", "blood_sugar", "glycaemia", "glycemia",
            mg_per_dL=10 / 180.156),
    Field(name="centre", kind=Kind.TEXT, limit=60,
          headers=("center", "site", "hospital", "institution", "redcap_data_access_group", "data_access_group")),
)  # fmt: skip
BY_NAME = {item.name: item for item in FIELDS}
DATE_FIELDS = tuple(item.name for item in FIELDS if item.kind == Kind.DATE)

SYNONYMS: dict[str, dict[str, tuple[str, ...]]] = {
    "cancer_type": {
        "endometrial": ("endometrium", "endometrial cancer", "endometrial carcinoma", "uterine", "uterus", "ec"),
        "ovarian": ("ovary", "ovarian cancer", "ovarian carcinoma", "oc"),
        "cervical": ("cervix", "cervical cancer", "cervical carcinoma", "cc"),
    },
    "grade": {
        "well": ("g1", "1", "grade 1", "well differentiated", "gut"),
        "moderate": ("g2", "2", "grade 2", "moderately differentiated", "mässig"),
        "poor": ("g3", "3", "grade 3", "poorly differentiated", "schlecht"),
    },
    "hpv_status": {
        "positive": ("pos", "+", "hpv positive", "detected", "1"),
        "negative": ("neg", "hpv negative", "not detected", "0"),
        "not_tested": ("not tested", "not done", "nd"),
    },
    "histotype": {
        "endometrioid": ("endometrioid carcinoma", "endometrioid adenocarcinoma"),
        "serous": ("serous carcinoma", "uterine serous carcinoma"),
        "high_grade_serous": ("high grade serous", "high-grade serous", "hgsc", "high-grade serous carcinoma"),
        "low_grade_serous": ("low grade serous", "low-grade serous", "lgsc", "low-grade serous carcinoma"),
        "clear_cell": ("clear cell", "clear cell carcinoma"),
        "mucinous": ("mucinous carcinoma",),
        "squamous": ("scc", "squamous cell carcinoma", "squamous cell"),
        "adenosquamous": ("adenosquamous carcinoma",),
        "carcinosarcoma": ("mmmt",),
        "neuroendocrine": ("neuroendocrine carcinoma",),
    },
    "p53_pattern": {
        "wild_type": ("wild-type", "wild type", "wildtype", "wt"),
        "overexpression": ("overexpressed",),
        "null": ("absent", "null type"),
    },
    "p53_intensity": {"none": ("0", "negative"), "weak": ("1+",), "moderate": ("2+",), "strong": ("3+",)},
}
SOURCE_SYNONYMS = {
    "pathology": ("path", "pathological", "histology", "surgery"),
    "imaging": ("radiology", "radiological", "pet/ct", "mri"),
    "clinical": ("clinic", "examination"),
}
TRUE_SYNONYMS = ("1", "yes", "true", "y", "checked", "positive", "pos", "present", "x")
FALSE_SYNONYMS = ("0", "no", "false", "n", "unchecked", "negative", "neg", "absent", "none")
MISSING_WORDS = ("NA", "N/A", "NaN", "NULL", ".", "-", "unknown", "not known", "missing", "?")


def synonyms_of(item: Field) -> dict[str, str]:
    """Lower-case word → what it means, besides the field's own words."""
    if item.kind == Kind.FLAG:
        return {**dict.fromkeys(TRUE_SYNONYMS, "1"), **dict.fromkeys(FALSE_SYNONYMS, "0")}
    table = SOURCE_SYNONYMS if item.words == SOURCES else SYNONYMS.get(item.name, {})
    return {word: value for value, words in table.items() for word in words}
