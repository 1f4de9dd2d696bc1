"""How a series was taken, beside the acquisition of the published study, and what lies outside of it.

Source: Du et al. 2025, Methods: 3.70–5.55 MBq/kg of FDG, scan after 60 min, CT slices of 3.75 mm at 120–140 kVp. For
the uptake time the procedure guideline's window around 60 min is taken (EANM FDG guideline 2.0, 2015: 55–75 min).
"""

from django.db.models import ExpressionWrapper, F, FloatField, Q

ACTIVITY_MBQ_PER_KG = (3.70, 5.55)
UPTAKE_MINUTES = (55.0, 75.0)
KVP = (120.0, 140.0)
SLICE_THICKNESS_MM = 3.75
SLICE_TOLERANCE_MM = 0.01

_DOSE_MBQ = F("pet_acquisition__injected_dose_bq") / 1e6


def _number(expression) -> ExpressionWrapper:
    return ExpressionWrapper(expression, output_field=FloatField())


# Values that the rows of a list carry, in the units in which a clinic states them.
ANNOTATIONS = {
    "dose_mbq": _number(_DOSE_MBQ),
    "activity_mbq_per_kg": _number(_DOSE_MBQ / F("pet_acquisition__weight_kg")),
    "uptake_minutes": _number(F("pet_acquisition__uptake_time_s") / 60.0),
}


def _outside(column: str, limits: tuple[float, float]) -> Q:
    return Q(**{f"{column}__lt": limits[0]}) | Q(**{f"{column}__gt": limits[1]})


OUTSIDE_OF_PAPER = (
    _outside("activity_mbq_per_kg", ACTIVITY_MBQ_PER_KG)
    | _outside("uptake_minutes", UPTAKE_MINUTES)
    | (
        Q(modality="CT")
        & (
            _outside("kvp", KVP)
            | _outside(
                "slice_thickness_mm", (SLICE_THICKNESS_MM - SLICE_TOLERANCE_MM, SLICE_THICKNESS_MM + SLICE_TOLERANCE_MM)
            )
        )
    )
)


def outliers_of(series) -> dict[str, str]:
    """For each value of an annotated series that lies outside of the paper's acquisition: name → one sentence."""
    found = {
        "activity_mbq_per_kg": _explain(series.activity_mbq_per_kg, ACTIVITY_MBQ_PER_KG, "MBq/kg"),
        "uptake_minutes": _explain(series.uptake_minutes, UPTAKE_MINUTES, "min"),
    }
    if series.modality == "CT":
        found["kvp"] = _explain(series.kvp, KVP, "kVp")
        thickness = series.slice_thickness_mm
        if thickness is not None and abs(thickness - SLICE_THICKNESS_MM) > SLICE_TOLERANCE_MM:
            found["slice_thickness_mm"] = f"The paper's slices are {SLICE_THICKNESS_MM} mm thick."
    return {name: sentence for name, sentence in found.items() if sentence}


def _explain(value: float | None, limits: tuple[float, float], unit: str) -> str:
    if value is None or limits[0] <= value <= limits[1]:
        return ""
    return f"Outside of {limits[0]:g}–{limits[1]:g} {unit}, the paper's acquisition."
