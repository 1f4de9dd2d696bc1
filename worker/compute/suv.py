"""SUVbw from PET headers, once and with a passport: inputs, formula, factors, warnings, or the reason for a refusal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from worker.compute.decay import Moment, average_count_rate_time_s, decay_start, injection, remaining
from worker.compute.dicom import DicomSeries, volume_of
from worker.compute.dicom_files import reason
from worker.compute.errors import SuvRefused
from worker.compute.pet_header import PetHeader, header_from_dataset, header_from_json
from worker.compute.suv_checks import check_images_agree, check_supported, half_life, protocol_warnings
from worker.compute.types import Volume

G_PER_KG = 1000.0


@dataclass(frozen=True, kw_only=True)
class SuvPassport:
    """How stored values (after rescale, in ``stored_unit``) become SUVbw in g/ml.

    ``factors`` has one value per image in the order of the series; ``inputs`` carries units in its names; times are the
    scanner's local ones, in ISO 8601.
    """

    stored_unit: str
    formula: str
    inputs: dict
    factors: tuple[float, ...]
    warnings: tuple[str, ...] = field(default=())

    @property
    def factor(self) -> float | None:
        """The one factor of all images, or None where they differ."""
        return self.factors[0] if len(set(self.factors)) == 1 else None

    def to_json(self) -> dict:
        return {
            "stored_unit": self.stored_unit,
            "unit": "SUVbw",
            "formula": self.formula,
            "inputs": dict(self.inputs),
            "factor": self.factor,
            "factor_min": min(self.factors),
            "factor_max": max(self.factors),
            "images": len(self.factors),
            "warnings": list(self.warnings),
        }


def compute_suv_bw(series: DicomSeries, plasma_glucose_mmol_l: float | None = None) -> tuple[Volume, SuvPassport]:
    """The series in SUVbw (float32) on its native grid, and its passport. Raises SuvRefused or UnreadableInput."""
    if series.modality != "PT":
        raise SuvRefused(f"SUV was refused: the series is {series.modality}, not PET, so give the PET series.")
    if len(series.datasets) != len(series.planes):
        raise SuvRefused(
            "SUV was refused: enhanced multi-frame PET is not supported, so export the series as classic PET images."
        )
    passport = suv_bw_factors([plane.dataset for plane in series.planes], plasma_glucose_mmol_l=plasma_glucose_mmol_l)
    stored = volume_of(series)
    factors_z = np.asarray(passport.factors)[:, None, None]
    array_zyx = (stored.array_zyx.astype(np.float64) * factors_z).astype(np.float32)
    metadata = {**stored.metadata, "warnings": [*series.warnings, *passport.warnings]}
    return Volume(array_zyx=array_zyx, geometry=series.geometry, unit="SUVbw", metadata=metadata), passport


def suv_bw_factors(headers: Sequence, *, plasma_glucose_mmol_l: float | None = None) -> SuvPassport:
    """The passport of a series from its images' headers alone: pydicom datasets or JSON metadata keyed by DICOM
    keyword.

    Units BQML by DecayCorrection START, ADMIN or NONE (QIBA FDG-PET profile), Philips CNTS by the private factors,
    GML as it is where it is SUVbw. Raises SuvRefused with the attribute that is missing or contradicts another.
    """
    images = [_header(h) for h in headers]
    if not images:
        raise SuvRefused("SUV was refused: there is no PET image, so give the folder of a PET series.")
    check_images_agree(images)
    supported = check_supported(images[0])
    first = images[0]
    if first.units == "GML":
        passport = _already_suv(images)
    elif first.units == "CNTS" and all(image.philips_suv_factor for image in images):
        passport = _philips_suv(images)
    else:
        passport = _from_activity(images)
    noticed = protocol_warnings(first, passport.inputs.get("uptake_min"), plasma_glucose_mmol_l)
    return _with(passport, {**passport.inputs, "plasma_glucose_mmol_l": plasma_glucose_mmol_l}, supported + noticed)


def _header(header) -> PetHeader:
    try:
        return header_from_json(header) if isinstance(header, Mapping) else header_from_dataset(header)
    except Exception as error:  # A damaged element raises out of pydicom's value classes when it is first looked at.
        raise SuvRefused(
            f"SUV was refused: an image's header is damaged ({reason(error)}), so export the series again."
        ) from error


def _already_suv(images: list[PetHeader]) -> SuvPassport:
    return SuvPassport(
        stored_unit="GML",
        formula="SUVbw = stored value; by Units GML and SUVType BW the scanner normalised it to body weight",
        inputs={**_recorded(images[0]), **_uptake_if_known(images)},
        factors=(1.0,) * len(images),
    )


def _philips_suv(images: list[PetHeader]) -> SuvPassport:
    factors = tuple(float(image.philips_suv_factor or 0) for image in images)
    return SuvPassport(
        stored_unit="CNTS",
        formula="SUVbw = counts x Philips SUV scale factor (7053,1000)",
        inputs={**_recorded(images[0]), **_uptake_if_known(images), "philips_suv_factor": factors[0]},
        factors=factors,
    )


def _from_activity(images: list[PetHeader]) -> SuvPassport:
    """Bq/ml, or Philips counts that the activity factor (7053,1009) makes Bq/ml, by dose and weight."""
    first = images[0]
    if first.patient_weight_kg is None:
        raise SuvRefused(
            "SUV was refused: Patient's Weight is missing or zero, so enter it at the scanner and export again."
        )
    if first.injected_dose_bq is None:
        raise SuvRefused(
            "SUV was refused: Radionuclide Total Dose is missing or zero, so enter it at the scanner and export again."
        )
    to_bq_ml = [1.0 if first.units == "BQML" else float(image.philips_activity_factor or 0) for image in images]
    left, formula, timing, odd = _dose_left(images)
    undecayed = G_PER_KG * first.patient_weight_kg / first.injected_dose_bq
    start = "" if first.units == "BQML" else "counts x Philips activity factor (7053,1009), then "
    return SuvPassport(
        stored_unit=first.units,
        formula=f"SUVbw = {start}activity [Bq/ml] x weight [g] / ({formula})",
        inputs={**_recorded(first), **timing},
        factors=tuple(undecayed * scale / rest for scale, rest in zip(to_bq_ml, left, strict=True)),
        warnings=odd,
    )


def _dose_left(images: list[PetHeader]) -> tuple[list[float], str, dict, tuple[str, ...]]:
    """For each image the fraction of the dose that its activity is to be compared with; formula, times and warnings."""
    first = images[0]
    if first.decay_correction == "ADMIN":
        return (
            [1.0] * len(images),
            "dose [Bq] as injected, which the activity was corrected to",
            _uptake_if_known(images),
            (),
        )
    half_life_s, odd = half_life(first)
    scan = decay_start(images, half_life_s)
    given = injection(first, scan.at, half_life_s)
    timing = {**_timing(given, scan), "half_life_s": half_life_s}
    odd = odd + scan.warnings + given.warnings
    if first.decay_correction == "START":
        left = remaining((scan.at - given.at).total_seconds(), half_life_s)
        return [left] * len(images), "dose [Bq] x 2^(-(scan start - injection) / half-life)", timing, odd
    left_each = [remaining(_frame_elapsed_s(image, given, half_life_s), half_life_s) for image in images]
    odd += ("The series is not corrected for decay, so each image is compared with the dose left at its own frame.",)
    return left_each, "dose [Bq] x 2^(-(frame - injection) / half-life), frame by frame", timing, odd


def _frame_elapsed_s(image: PetHeader, given: Moment, half_life_s: float) -> float:
    if image.acquisition_datetime is None or image.frame_duration_ms is None:
        raise SuvRefused(
            "SUV was refused: the series is not corrected for decay and an image lacks Acquisition Time or Actual "
            "Frame Duration, "
            "so export a decay-corrected series."
        )
    into_frame_s = average_count_rate_time_s(image.frame_duration_ms / 1000, half_life_s)
    return (image.acquisition_datetime - given.at).total_seconds() + into_frame_s


def _recorded(header: PetHeader) -> dict:
    return {
        "patient_weight_kg": header.patient_weight_kg,
        "patient_height_m": header.patient_height_m,
        "patient_sex": header.patient_sex,
        "injected_dose_bq": header.injected_dose_bq,
        "half_life_s": header.half_life_s,
        "decay_correction": header.decay_correction,
        "radiopharmaceutical": header.radiopharmaceutical,
        "radionuclide": header.radionuclide,
    }


def _timing(given: Moment, scan: Moment) -> dict:
    return {
        "injection_datetime": given.at.isoformat(),
        "injection_datetime_source": given.source,
        "scan_datetime": scan.at.isoformat(),
        "scan_datetime_source": scan.source,
        "uptake_min": (scan.at - given.at).total_seconds() / 60,
    }


def _uptake_if_known(images: list[PetHeader]) -> dict:
    """The times for the record, where the factor does not need them and the header has them."""
    try:
        half_life_s, _ = half_life(images[0])
        scan = decay_start(images, half_life_s)
        return _timing(injection(images[0], scan.at, half_life_s), scan)
    except SuvRefused:
        return {}


def _with(passport: SuvPassport, inputs: dict, more: tuple[str, ...]) -> SuvPassport:
    return SuvPassport(
        stored_unit=passport.stored_unit,
        formula=passport.formula,
        inputs=inputs,
        factors=passport.factors,
        warnings=passport.warnings + more,
    )
