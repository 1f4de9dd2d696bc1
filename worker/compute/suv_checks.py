"""What a PET header must say before SUVbw is computed from it, and what is odd enough for a warning."""

from collections.abc import Sequence

from worker.compute.errors import SuvRefused
from worker.compute.pet_header import PetHeader

FLUORINE_18_HALF_LIFE_S = 6586.2
"""109.77 min, the value of the QIBA FDG-PET profile; scanners write 6588 too."""

_HALF_LIFE_TOLERANCE = 0.01
_FLUORINE_NAMES = ("18F", "F18", "F-18", "F^18", "FLUORINE", "FLUORODEOXYGLUCOSE", "FDG", "C-111A1", "35321007")
# EANM FDG guideline 2.0 (Boellaard 2015) asks for 60 min, 55 to 75 accepted; PERCIST (Wahl 2009) accepts 50 to 70.
UPTAKE_MIN_RANGE = (50.0, 75.0)
# A clinical FDG dose is 50 to 1000 MBq: below 1 MBq the number was probably entered in MBq or mCi.
_PLAUSIBLE_DOSE_BQ = (1e6, 2e9)
_PLAUSIBLE_WEIGHT_KG = (20.0, 300.0)
# The paper's preparation (section 2.2): fasting glucose of at most 7 mmol/L.
HIGHEST_GLUCOSE_MMOL_L = 7.0

_SAME_IN_ALL_IMAGES = {
    "units": "Units",
    "suv_type": "SUV Type",
    "decay_correction": "Decay Correction",
    "patient_weight_kg": "Patient's Weight",
    "injected_dose_bq": "Radionuclide Total Dose",
    "half_life_s": "Radionuclide Half Life",
    "injection_datetime": "Radiopharmaceutical Start DateTime",
    "injection_time": "Radiopharmaceutical Start Time",
}


def check_images_agree(images: Sequence[PetHeader]) -> None:
    """Raises SuvRefused where images of one series name different doses, weights, units or times of injection."""
    for attribute, name in _SAME_IN_ALL_IMAGES.items():
        found = {getattr(image, attribute) for image in images}
        if len(found) > 1:
            shown = ", ".join(sorted(str(value) for value in found)[:3])
            raise SuvRefused(
                f"SUV was refused: the images disagree about {name} ({shown}), so give one consistent series."
            )


def check_supported(header: PetHeader) -> tuple[str, ...]:
    """Warnings; raises SuvRefused for units, SUV types, corrections or doses from which SUVbw does not follow."""
    if header.administrations > 1:
        raise SuvRefused(
            f"SUV was refused: {header.administrations} radiopharmaceuticals were given and the header does not say "
            "which one "
            "the image shows, so export the series with one."
        )
    _check_units(header)
    return _check_corrections(header)


def _check_units(header: PetHeader) -> None:
    if header.units == "GML" and header.suv_type not in ("", "BW"):
        raise SuvRefused(
            f"SUV was refused: the images hold SUV of type {header.suv_type}, not body weight, so reconstruct them "
            "in Bq/ml or SUVbw."
        )
    if header.units == "CNTS" and header.philips_suv_factor is None and header.philips_activity_factor is None:
        raise SuvRefused(
            "SUV was refused: the images are in counts without Philips' factors (7053,1000) or (7053,1009), which "
            "a de-identifier "
            "may have removed, so export them in Bq/ml or keep the private tags."
        )
    if header.units not in ("BQML", "GML", "CNTS"):
        raise SuvRefused(
            f"SUV was refused: Units is '{header.units}', so export the PET in Bq/ml (BQML) or SUVbw (GML)."
        )


def _check_corrections(header: PetHeader) -> tuple[str, ...]:
    from_activity = header.units == "BQML" or (header.units == "CNTS" and header.philips_suv_factor is None)
    if from_activity and header.decay_correction not in ("START", "ADMIN", "NONE"):
        raise SuvRefused(
            f"SUV was refused: Decay Correction is '{header.decay_correction}' instead of START, ADMIN or NONE, so "
            "export the "
            "original series."
        )
    if not header.corrections:
        return ("Corrected Image is missing, so attenuation and decay correction are taken on trust.",)
    if not any(correction.startswith("ATTN") for correction in header.corrections):
        raise SuvRefused(
            "SUV was refused: the series is not corrected for attenuation, so give the attenuation-corrected PET."
        )
    if from_activity and header.decay_correction != "NONE" and "DECY" not in header.corrections:
        raise SuvRefused(
            f"SUV was refused: Decay Correction says {header.decay_correction} but Corrected Image has no DECY, so "
            "export the "
            "original series."
        )
    return ()


def half_life(header: PetHeader) -> tuple[float, tuple[str, ...]]:
    """The half-life in s and its warnings; fluorine-18's own where the header names the nuclide but not the number."""
    named = f"{header.radionuclide} {header.radiopharmaceutical}".upper()
    is_fluorine = any(name in named for name in _FLUORINE_NAMES)
    if header.half_life_s is None:
        if not is_fluorine:
            raise SuvRefused("SUV was refused: Radionuclide Half Life is missing, so export the original series.")
        return FLUORINE_18_HALF_LIFE_S, ("Radionuclide Half Life is missing, so fluorine-18's 6586.2 s is used.",)
    if abs(header.half_life_s / FLUORINE_18_HALF_LIFE_S - 1) > _HALF_LIFE_TOLERANCE:
        return header.half_life_s, (f"The half-life of {header.half_life_s:g} s is not that of fluorine-18.",)
    return header.half_life_s, ()


def protocol_warnings(header: PetHeader, uptake_min: float | None, glucose_mmol_l: float | None) -> tuple[str, ...]:
    """What a reader of SUV should know: odd dose or weight, uptake time outside the guideline, glucose unknown or
    high.
    """
    noticed = []
    dose_bq, weight_kg = header.injected_dose_bq, header.patient_weight_kg
    if dose_bq is not None and not _PLAUSIBLE_DOSE_BQ[0] <= dose_bq <= _PLAUSIBLE_DOSE_BQ[1]:
        noticed.append(f"The injected dose of {dose_bq:g} Bq is implausible: it may have been entered in MBq or mCi.")
    if weight_kg is not None and not _PLAUSIBLE_WEIGHT_KG[0] <= weight_kg <= _PLAUSIBLE_WEIGHT_KG[1]:
        noticed.append(f"The weight of {weight_kg:g} kg is implausible.")
    if uptake_min is None:
        noticed.append("The uptake time is unknown.")
    elif not UPTAKE_MIN_RANGE[0] <= uptake_min <= UPTAKE_MIN_RANGE[1]:
        low, high = UPTAKE_MIN_RANGE
        noticed.append(f"The uptake time of {uptake_min:.0f} min lies outside {low:.0f} to {high:.0f} min.")
    if glucose_mmol_l is None:
        noticed.append("The plasma glucose is unknown.")
    elif glucose_mmol_l > HIGHEST_GLUCOSE_MMOL_L:
        noticed.append(f"The plasma glucose of {glucose_mmol_l:g} mmol/L is above {HIGHEST_GLUCOSE_MMOL_L:g} mmol/L.")
    return tuple(noticed)
