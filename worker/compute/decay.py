"""When a PET scan was corrected for decay to, and how much of the injected activity is left then."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.compute.errors import SuvRefused
from worker.compute.pet_header import PetHeader

# Images of one series are corrected to one moment; vendors' rounding of frame times stays below this.
_AGREEMENT_S = 1.0
# No scan lasts as long: acquisition times further apart have a date that was not moved on at midnight.
_LONGEST_SCAN_S = 12 * 3600.0
# After this many half-lives less than 2 % is left: a date or a time in the header is wrong.
_LONGEST_UPTAKE_HALF_LIVES = 6.0


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A time of the header, the attributes that it was taken from and what is odd about it."""

    at: datetime
    source: str
    warnings: tuple[str, ...] = ()


def decay_start(headers: Sequence[PetHeader], half_life_s: float) -> Moment:
    """The moment that DecayCorrection START refers to, by the QIBA FDG-PET profile's vendor-neutral rule.

    Series Date and Time, unless a later reconstruction moved it behind the first acquisition: then GE's scan time,
    else the acquisition time brought back by the frame reference time, else the earliest acquisition time.
    """
    series = min((h.series_datetime for h in headers if h.series_datetime), default=None)
    acquisitions = [h.acquisition_datetime for h in headers if h.acquisition_datetime]
    acquired = min(acquisitions, default=None)
    if acquired is not None and (max(acquisitions) - acquired).total_seconds() > _LONGEST_SCAN_S:
        raise SuvRefused(
            f"SUV was refused: the images were acquired from {acquired:%Y-%m-%d %H:%M} to "
            f"{max(acquisitions):%Y-%m-%d %H:%M}, which is no one scan, so correct the dates in the headers."
        )
    if series is not None and (acquired is None or series <= acquired):
        odd = () if acquired else ("Acquisition Time is missing, so Series Time is taken as the start of the scan.",)
        return Moment(at=series, source="Series Date and Time", warnings=odd)
    ge_scan = [h.ge_scan_datetime for h in headers if h.ge_scan_datetime]
    if ge_scan:
        return Moment(at=min(ge_scan), source="GE private scan date and time (0009,100D)")
    if acquired is None:
        raise SuvRefused(
            "SUV was refused: the headers have neither Series Time nor Acquisition Time, so send the original series."
        )
    starts = [frame_start(header, half_life_s) for header in headers]
    known = [start for start in starts if start is not None]
    if len(known) < len(headers):
        return Moment(at=acquired, source="earliest Acquisition Date and Time")
    spread_s = (max(known) - min(known)).total_seconds()
    odd = (
        ()
        if spread_s <= _AGREEMENT_S
        else (f"The images' frame times disagree by {spread_s:.0f} s about the start of the scan.",)
    )
    return Moment(at=min(known), source="Acquisition Time less Frame Reference Time", warnings=odd)


def frame_start(header: PetHeader, half_life_s: float) -> datetime | None:
    """The scan start that one image tells: its acquisition less its frame reference time, which counts to the moment
    of the frame's average count rate (DICOM PS3.3 C.8.9.4.1.5)."""
    if (
        header.acquisition_datetime is None
        or header.frame_reference_time_ms is None
        or header.frame_duration_ms is None
    ):
        return None
    average_s = average_count_rate_time_s(header.frame_duration_ms / 1000, half_life_s)
    return header.acquisition_datetime + timedelta(seconds=average_s - header.frame_reference_time_ms / 1000)


def average_count_rate_time_s(duration_s: float, half_life_s: float) -> float:
    """Seconds into a frame at which the decaying count rate equals its average over the frame."""
    constant = math.log(2) / half_life_s
    return math.log(constant * duration_s / -math.expm1(-constant * duration_s)) / constant


def injection(header: PetHeader, scan: datetime, half_life_s: float) -> Moment:
    """When the dose was measured, before ``scan``. A time without a date belongs to the scan's day, or to the day
    before.

    A start date that makes no sense (a de-identifier that moved one date and not the other) gives way to the time of
    day, with a warning. Raises SuvRefused where no time is known or none makes sense.
    """
    longest = timedelta(seconds=_LONGEST_UPTAKE_HALF_LIVES * half_life_s)
    dated = header.injection_datetime
    if dated is not None and timedelta() <= scan - dated <= longest:
        return Moment(at=dated, source="Radiopharmaceutical Start DateTime")
    clock = header.injection_time or (dated.time() if dated else None)
    if clock is None:
        raise SuvRefused(
            "SUV was refused: Radiopharmaceutical Start Time is missing, so enter it at the scanner and export again."
        )
    at = datetime.combine(scan.date(), clock)
    odd = (
        (f"The date of injection {dated:%Y-%m-%d} does not fit the scan's, so only the time of day is used.",)
        if dated
        else ()
    )
    if at > scan:
        at -= timedelta(days=1)
        odd += ("The injection is taken to be on the day before the scan, because its time of day is later.",)
    if scan - at > longest:
        raise SuvRefused(
            f"SUV was refused: the injection at {clock:%H:%M:%S} and the scan at {scan:%H:%M:%S} leave no sensible "
            "uptake time, "
            "so correct the times in the header."
        )
    return Moment(at=at, source="Radiopharmaceutical Start Time", warnings=odd)


def remaining(elapsed_s: float, half_life_s: float) -> float:
    """The fraction of activity that is left."""
    return 0.5 ** (elapsed_s / half_life_s)
