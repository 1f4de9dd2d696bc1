"""A folder of one series to the volume that the platform keeps: CT in HU, PET in SUVbw with its passport."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from worker.compute.dicom import read_series, volume_of
from worker.compute.errors import UnreadableInput
from worker.compute.suv import SuvPassport, compute_suv_bw
from worker.compute.types import Volume


@dataclass(frozen=True, kw_only=True, eq=False)
class BuiltSeries:
    """A volume on its native grid; ``passport`` is None for CT."""

    volume: Volume
    passport: SuvPassport | None
    warnings: tuple[str, ...]

    @property
    def value_range(self) -> tuple[float, float]:
        return float(np.nanmin(self.volume.array_zyx)), float(np.nanmax(self.volume.array_zyx))


def build_series(folder: Path) -> BuiltSeries:
    """Raises UnreadableInput, GeometryMismatch or SuvRefused with the reason that the page shows."""
    series = read_series(folder)
    if series.modality == "PT":
        volume, passport = compute_suv_bw(series)
        return BuiltSeries(volume=volume, passport=passport, warnings=(*series.warnings, *passport.warnings))
    if series.modality == "CT":
        return BuiltSeries(volume=volume_of(series), passport=None, warnings=series.warnings)
    raise UnreadableInput(f"A {series.modality} series is kept but not read: PETRA reads CT and PET.")
