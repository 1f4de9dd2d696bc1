"""Everything that the page of one case shows, and for whom: what a blinded person may not see is not even read."""

from dataclasses import dataclass, field
from typing import Any

from backend.accounts.models import User
from backend.annotations.blinding import may_see_consensus, may_see_readings
from backend.annotations.manifests import factor_text
from backend.annotations.models import Assignment, Consensus, Mask, Reading, RoiCandidate, Target
from backend.annotations.selectors import bat_rule_mask, current_consensus, current_readings
from backend.features.models import FeatureSet, Source
from backend.features.selectors import sources_of
from backend.imaging.models import Case, PetAcquisition, QcFinding
from backend.jobs.models import Job, JobKind

CASE_JOBS = (
    JobKind.PROPOSE_BAT,
    JobKind.BUILD_CONSENSUS,
    JobKind.EXTRACT_FEATURES,
)
# Words and digits of the inputs that a passport lists, by the unit that ends their name.
_INPUT_UNITS = {
    "_bq": "Bq", "_min": "min", "_s": "s", "_kg": "kg", "_cm": "cm", "_m": "m", "_ml": "ml", "_mmol_l": "mmol/l",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class CaseReadings:
    """What was handed in, and what was settled; empty for whoever is blinded."""

    readings: list[Reading] = field(default_factory=list)
    consensus: Consensus | None = None
    bat: Consensus | None = None
    bat_rule: Mask | None = None
    features: list[tuple[str, FeatureSet | None]] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)


def case_images(case: Case) -> list[dict]:
    """CT and PET: grid, spacing and range with units."""
    return [_image("CT", case.ct), _image("PET", case.pet)]


def _image(title: str, volume: Any) -> dict:
    geometry = volume.geometry
    return {
        "title": title,
        "unit": volume.unit,
        "size": " × ".join(str(n) for n in geometry["size_xyz"]),
        "spacing_mm": " × ".join(f"{spacing:.2f}" for spacing in geometry["spacing_mm"]),
        "minimum": volume.minimum,
        "maximum": volume.maximum,
        "scanner": f"{volume.series.manufacturer} {volume.series.model_name}".strip(),
    }


def suv_passport(case: Case) -> dict:
    """The passport's lines as (title, value with unit); ``warnings``, ``formula`` and ``factor`` beside them."""
    acquisition = PetAcquisition.objects.filter(series=case.pet.series).first()
    passport = acquisition.suv_passport if acquisition else {}
    rows = [(_input_title(name), _with_unit(name, value)) for name, value in passport.get("inputs", {}).items()]
    return {
        "rows": rows,
        "formula": passport.get("formula", ""),
        "factor": factor_text(passport),
        "warnings": passport.get("warnings", []),
    }


def _input_title(name: str) -> str:
    """``injected_dose_bq`` is the injected dose; its unit stands beside the value."""
    suffix = next((suffix for suffix in _INPUT_UNITS if name.endswith(suffix)), "")
    return name.removesuffix(suffix).replace("_", " ").strip().capitalize()


def _with_unit(name: str, value: Any) -> str:
    if isinstance(value, float | int) and not isinstance(value, bool):
        unit = next((unit for suffix, unit in _INPUT_UNITS.items() if name.endswith(suffix)), "")
        return f"{value:,.6g} {unit}".strip()
    return "–" if value in (None, "") else str(value)


def case_findings(case: Case) -> list[QcFinding]:
    """What is odd about the case or about one of its two series."""
    rows = QcFinding.objects.filter(patient=case.patient).select_related("series")
    series = {case.ct.series_id, case.pet.series_id, None}
    return [row for row in rows if row.case_id in (case.pk, None) and row.series_id in series]


def case_readings(case: Case, user: User, roles: frozenset[str]) -> CaseReadings | None:
    """None for whoever must not see them yet."""
    if not may_see_readings(user, case, roles):
        return None
    settled = may_see_consensus(user, case, roles)
    consensus = current_consensus(case, Target.TUMOUR) if settled else None
    return CaseReadings(
        readings=current_readings(case, Target.TUMOUR),
        consensus=consensus,
        bat=current_consensus(case, Target.BAT) if settled else None,
        bat_rule=bat_rule_mask(case),
        features=_features(case, roles),
        jobs=case_jobs(case),
    )


def _features(case: Case, roles: frozenset[str]) -> list[tuple[str, FeatureSet | None]]:
    if not roles - {"reader"}:
        return []
    return [(Source(source).label, row) for source, row in sources_of(case).items()]


def case_jobs(case: Case) -> list[Job]:
    """The newest job of each kind about this case."""
    rows = Job.objects.filter(subject_id=str(case.pk), kind__in=CASE_JOBS).order_by("kind", "-created_at")
    return list(rows.distinct("kind").defer("log", "inputs"))


def case_assignments(case: Case) -> list[Assignment]:
    """Who reads the case, with ``is_submitted``."""
    rows = Assignment.objects.filter(case=case).select_related("reader").prefetch_related("readings", "rejections")
    return list(rows.order_by("target", "reader__username"))


def open_regions(case: Case) -> int:
    """How many regions that came with the images wait for a decision."""
    return RoiCandidate.objects.filter(case=case, state=RoiCandidate.State.OPEN).count()
