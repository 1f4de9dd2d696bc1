"""A protocol's rules as a typed value: what the paper chose is the default, and a study may override each choice."""

from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum

from backend.core.errors import InvalidInput


class AfterSubmission(StrEnum):
    """What a reader who holds no other role sees of a case once the own reading is handed in."""

    NOTHING = "nothing"
    READINGS = "readings"
    CONSENSUS = "consensus"


@dataclass(frozen=True, kw_only=True)
class ProtocolRules:
    """Every choice that results depend on. Units are in the names; sources are FACTS of Du et al. 2025."""

    # Which criteria a patient has to meet: the paper's (a) to (e), and three more that a study may ask for.
    criteria: list[str] = field(default_factory=lambda: ["a", "b", "c", "d", "e"])
    # Who meets them all is included at once, or eligible until a coordinator says so.
    inclusion: str = "automatic"
    cancer_types: list[str] = field(default_factory=lambda: ["endometrial", "ovarian", "cervical"])
    pet_within_days_of_admission: int = 14
    minimum_age_years: float = 18.0
    minimum_fasting_hours: float = 6.0
    maximum_glucose_mmol_l: float = 7.0
    required_modalities: list[str] = field(default_factory=lambda: ["CT", "PT"])
    # Which of several CTs of one frame of reference a PET is read with.
    ct_series_rule: str = "most_slices"
    readers_per_case: int = 3
    consensus_method: str = "majority"
    # Whether features may be made from an automatic consensus that nobody has signed; they are marked so.
    unsigned_consensus_in_features: str = "marked"
    # Nothing: who sees the others case by case draws like them in the next, and the agreement measures that.
    shown_after_submission: str = AfterSubmission.NOTHING.value
    lesion_roles_in_features: list[str] = field(default_factory=lambda: ["primary", "node", "metastasis"])
    # What makes the TP53 label: the percentage (the paper) or the pattern (all but wild-type are abnormal).
    label_rule: str = "percent"
    # TP53 mutated where strictly more than this share of nuclei stains (the paper: > 5 %).
    label_percent_stained_above: float = 5.0
    bat_suv_bw_above: float = 1.5
    bat_hu_minimum: float = -190.0
    bat_hu_maximum: float = -10.0
    bat_minimum_component_ml: float = 0.0
    crop_xy_voxels: int = 512
    log_sigmas_mm: list[float] = field(default_factory=lambda: [3.0, 5.0])
    ct_bin_width_hu: float = 25.0
    pet_bin_width_suv_bw: float = 0.1
    test_fraction: float = 0.1
    folds: int = 5
    split_seed: int = 2025

    def to_json(self) -> dict:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict) -> "ProtocolRules":
        unknown = sorted(set(value) - {known.name for known in fields(cls)})
        if unknown:
            raise InvalidInput(f"The protocol has no rule called {', '.join(unknown)}.")
        return cls(**value)
