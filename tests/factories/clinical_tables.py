"""Clinical tables as a hospital sends them."""

import csv
import io

TABLE_ROW = {
    "hospital_number": "HN-4711-001",
    "cancer_type": "ovarian",
    "age_years": "55",
    "bmi_kg_m2": "23.5",
    "height_cm": "165",
    "weight_kg": "64.0",
    "figo_stage": "III",
    "figo_edition": "2014",
    "figo_stage_source": "pathology",
    "lymph_node_metastasis": "1",
    "lymph_node_source": "imaging",
    "grade": "poor",
    "grade_source": "pathology",
    "tnm_t": "pT3c",
    "tnm_n": "pN1a",
    "tnm_m": "cM0",
    "histotype": "high_grade_serous",
    "hpv_status": "not_tested",
    "hpv_genotypes": "",
    "p53_percent_stained": "90",
    "p53_intensity": "strong",
    "p53_pattern": "overexpression",
    "p53_internal_control": "1",
    "first_admission_date": "2020-03-01",
    "pet_date": "2020-03-08",
    "biopsy_date": "2020-03-12",
    "surgery_date": "2020-03-12",
    "chemotherapy_start_date": "2020-04-02",
    "radiotherapy_start_date": "",
    "biopsy_confirmed": "1",
    "treated_before_pet": "0",
    "developmental_abnormality": "0",
    "gynaecological_history": "0",
    "other_tumour_history": "0",
    "secondary_tumour": "0",
    "fasting_hours": "7.5",
    "glucose_mmol_l": "5.4",
    "centre": "north",
}


def table(*rows: dict[str, str], columns: list[str] | None = None) -> bytes:
    """A CSV of ``TABLE_ROW`` with these changes, one row each; without rows one unchanged row."""
    lines = [{**TABLE_ROW, "hospital_number": f"HN-4711-{n:03d}", **row} for n, row in enumerate(rows or ({},), 1)]
    out = io.StringIO()
    writer = csv.DictWriter(out, columns or list(TABLE_ROW), extrasaction="ignore")
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue().encode()
