"""The protocol's rules as people read and change them: title, unit, and the limits that a value must keep."""

from dataclasses import dataclass
from typing import Any

from backend.cohorts.models import CancerType
from backend.cohorts.protocol import AfterSubmission, ProtocolRules

CONSENSUS_METHODS = (("majority", "Strict majority"), ("staple", "STAPLE"))
UNSIGNED = (("marked", "Allowed, marked as unsigned"), ("refused", "Refused until signed"))
AFTER_SUBMISSION = (
    (AfterSubmission.NOTHING.value, "Nothing of others"),
    (AfterSubmission.READINGS.value, "The others' readings"),
    (AfterSubmission.CONSENSUS.value, "The others' readings and the consensus"),
)
LABEL_RULES = (("percent", "Percentage of stained nuclei"), ("pattern", "Staining pattern"))
CRITERIA = (
    ("a", "(a) PET/CT in time, cancer confirmed after it"),
    ("b", "(b) No treatment before PET/CT"),
    ("c", "(c) Of age, no developmental abnormality"),
    ("d", "(d) No gynaecological history"),
    ("e", "(e) No secondary or other tumour"),
    ("fasting", "Fasted long enough"),
    ("glucose", "Blood glucose low enough"),
    ("images", "Required images are there"),
)
INCLUSION = (("automatic", "At once, when every criterion is met"), ("coordinator", "By a coordinator"))
MODALITIES = (("CT", "CT"), ("PT", "PET"))
CT_SERIES = (("most_slices", "Most slices"), ("thinnest", "Thinnest slices"), ("first", "Lowest series number"))
LESION_ROLES = (("primary", "Primary tumour"), ("node", "Lymph node"), ("metastasis", "Metastasis"))


@dataclass(frozen=True, kw_only=True)
class RuleField:
    """One rule. ``choices`` for words, ``minimum`` and ``maximum`` (inclusive) for numbers; a list holds several."""

    name: str
    title: str
    group: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def title_with_unit(self) -> str:
        return f"{self.title} ({self.unit})" if self.unit else self.title

    @property
    def is_list(self) -> bool:
        """Whether several values hold together."""
        return isinstance(getattr(ProtocolRules(), self.name), list)

    @property
    def is_whole(self) -> bool:
        """Whether the rule is a whole number, by the type of the paper's choice."""
        return isinstance(getattr(ProtocolRules(), self.name), int)


def _number(name: str, title: str, group: str, unit: str, minimum: float, maximum: float) -> RuleField:
    return RuleField(name=name, title=title, group=group, unit=unit, minimum=minimum, maximum=maximum)


RULES = (
    RuleField(name="cancer_types", title="Cancers", group="Patients", choices=tuple(CancerType.choices)),
    RuleField(name="criteria", title="Criteria that apply", group="Patients", choices=CRITERIA),
    RuleField(name="inclusion", title="Who is eligible is included", group="Patients", choices=INCLUSION),
    _number("pet_within_days_of_admission", "PET/CT within … of first admission", "Patients", "days", 0, 365),
    _number("minimum_age_years", "Older than", "Patients", "years", 0, 120),
    RuleField(name="label_rule", title="TP53 label by", group="Label", choices=LABEL_RULES),
    _number("label_percent_stained_above", "TP53 mutated above … stained nuclei", "Label", "%", 0, 100),
    _number("minimum_fasting_hours", "Fasted at least (if it applies)", "Patients", "h", 0, 48),
    _number("maximum_glucose_mmol_l", "Glucose at most (if it applies)", "Patients", "mmol/l", 1, 40),
    RuleField(name="required_modalities", title="Images needed", group="Images", choices=MODALITIES),
    RuleField(name="ct_series_rule", title="CT of a PET, of several", group="Images", choices=CT_SERIES),
    _number("readers_per_case", "Readers per case", "Reading", "", 1, 9),
    RuleField(name="consensus_method", title="Consensus", group="Reading", choices=CONSENSUS_METHODS),
    RuleField(name="unsigned_consensus_in_features", title="Unsigned consensus", group="Reading", choices=UNSIGNED),
    RuleField(
        name="shown_after_submission",
        title="A reader who has handed in sees",
        group="Reading",
        choices=AFTER_SUBMISSION,
    ),
    RuleField(name="lesion_roles_in_features", title="Lesions in features", group="Reading", choices=LESION_ROLES),
    _number("bat_suv_bw_above", "Brown fat: SUVbw above", "Brown fat", "g/ml", 0, 20),
    _number("bat_hu_minimum", "Brown fat: CT from", "Brown fat", "HU", -1024, 3000),
    _number("bat_hu_maximum", "Brown fat: CT to", "Brown fat", "HU", -1024, 3000),
    _number("bat_minimum_component_ml", "Brown fat: smallest piece", "Brown fat", "ml", 0, 100),
    _number("crop_xy_voxels", "Analysis grid, in plane", "Features", "voxels", 32, 2048),
    RuleField(name="log_sigmas_mm", title="LoG sigmas", group="Features", unit="mm", minimum=0.5, maximum=20),
    _number("ct_bin_width_hu", "CT bin width", "Features", "HU", 0.1, 1000),
    _number("pet_bin_width_suv_bw", "PET bin width", "Features", "SUVbw, g/ml", 0.001, 10),
    _number("test_fraction", "Sealed test set", "Split", "share of patients", 0.05, 0.5),
    _number("folds", "Folds", "Split", "", 2, 10),
    _number("split_seed", "Seed of the split", "Split", "", 0, 2**31 - 1),
)


def shown_rule(rule: RuleField, value: Any) -> str:
    """A rule's value in words."""
    words = dict(rule.choices)
    if isinstance(value, list):
        return ", ".join(words.get(item, f"{item:g}" if isinstance(item, float) else str(item)) for item in value)
    return words.get(value, f"{value:g}" if isinstance(value, float) else str(value))


def shown_rules(rules: ProtocolRules) -> list[tuple[str, list[tuple[RuleField, str]]]]:
    """(group, [(rule, value in words)]) for a page."""
    groups = dict.fromkeys(rule.group for rule in RULES)
    return [
        (group, [(rule, shown_rule(rule, getattr(rules, rule.name))) for rule in RULES if rule.group == group])
        for group in groups
    ]


def rule_changes(before: ProtocolRules, after: ProtocolRules) -> list[tuple[str, str, str]]:
    """(title with unit, old, new) of every rule that differs."""
    pairs = [(rule, getattr(before, rule.name), getattr(after, rule.name)) for rule in RULES]
    return [
        (rule.title_with_unit, shown_rule(rule, old), shown_rule(rule, new)) for rule, old, new in pairs if old != new
    ]


def compared_rules(before: ProtocolRules, after: ProtocolRules) -> list[dict[str, Any]]:
    """``group``, ``title``, ``old``, ``new`` and ``differs`` of every rule, in the order of the page."""
    rows = []
    for rule in RULES:
        old, new = getattr(before, rule.name), getattr(after, rule.name)
        words = {"group": rule.group, "title": rule.title_with_unit, "differs": old != new}
        rows.append({**words, "old": shown_rule(rule, old), "new": shown_rule(rule, new)})
    return rows
