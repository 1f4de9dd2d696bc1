"""How far the readers of a cohort agree on volume and SUVmax: ICC over the cases that the same readers all measured."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from worker.compute.icc import IntraclassCorrelation, icc_2_1

FEWEST_CASES = 2


@dataclass(frozen=True, kw_only=True)
class MeasuredReading:
    """One reader's word on one case. ``suv_bw_max`` (g/ml) is None where nothing was drawn.

    ``outcome`` is lesions, no_avid_tumour (a volume of 0 ml, without SUVmax) or not_evaluable (no volume either).
    """

    case: str
    reader: str
    outcome: str
    volume_ml: float | None
    suv_bw_max: float | None


@dataclass(frozen=True, kw_only=True)
class MeasureAgreement:
    """ICC of one measure among ``readers``; ``left_out`` counts the cases that did not enter, by reason."""

    measure: str
    unit: str
    correlation: IntraclassCorrelation | None
    readers: tuple[str, ...]
    values: dict[str, dict[str, float]]
    left_out: dict[str, int]
    note: str = ""

    def to_json(self) -> dict:
        found = self.correlation.to_json() if self.correlation else {}
        return {
            **{name: found.get(name) for name in ("icc", "low", "high")},
            "measure": self.measure,
            "unit": self.unit,
            "cases": len(self.values),
            "readers": list(self.readers),
            "left_out": self.left_out,
            "note": self.note or found.get("note", ""),
        }


MEASURES = (("volume_ml", "Volume", "ml"), ("suv_bw_max", "SUVmax", "g/ml"))


def measure_agreement(readings: Sequence[MeasuredReading]) -> list[MeasureAgreement]:
    """ICC(2,1) of volume and of SUVmax.

    An ICC needs a complete table with the same readers in every row: the set of readers who share most cases is taken,
    and every case that they did not all measure is counted with the reason.
    """
    return [_of_measure(readings, *measure) for measure in MEASURES]


def _of_measure(readings: Sequence[MeasuredReading], name: str, title: str, unit: str) -> MeasureAgreement:
    by_case: dict[str, dict[str, MeasuredReading]] = {}
    for reading in readings:
        by_case.setdefault(reading.case, {})[reading.reader] = reading
    readers = _most_common_readers(by_case.values())
    values, left_out = {}, Counter()
    for case, found in by_case.items():
        reason = _reason_to_leave(found, readers, name)
        if reason:
            left_out[reason] += 1
        else:
            values[case] = {reader: float(getattr(found[reader], name)) for reader in readers}
    common = {"measure": title, "unit": unit, "readers": readers, "values": values, "left_out": dict(left_out)}
    if len(values) < FEWEST_CASES or len(readers) < 2:
        note = "fewer than two cases were measured by the same readers, so there is no ICC"
        return MeasureAgreement(correlation=None, note=note, **common)
    table = np.array([[row[reader] for reader in readers] for row in values.values()])
    return MeasureAgreement(correlation=icc_2_1(table), **common)


def _most_common_readers(cases: Iterable[dict[str, MeasuredReading]]) -> tuple[str, ...]:
    """The readers who share most cases; of equal sets the larger, then the first by name."""
    teams = Counter(tuple(sorted(found)) for found in cases if len(found) > 1)
    return max(teams, key=lambda team: (teams[team], len(team), [-ord(c) for c in team[0]]), default=())


def _reason_to_leave(found: dict[str, MeasuredReading], readers: tuple[str, ...], name: str) -> str:
    mine = [found.get(reader) for reader in readers]
    if not readers or not all(mine):
        return "read by other readers"
    if any(reading.outcome == "not_evaluable" for reading in mine):
        return "not evaluable for a reader"
    if all(reading.outcome == "no_avid_tumour" for reading in mine):
        return "no avid tumour for every reader"
    if name == "suv_bw_max" and any(reading.outcome == "no_avid_tumour" for reading in mine):
        return "no avid tumour for a reader, so no SUVmax"
    return "" if all(getattr(reading, name) is not None for reading in mine) else "not measured yet"
