"""The two label rules beside each other: who flips, what it does to the models' figures, and what sequencing says."""

from dataclasses import dataclass
from uuid import UUID

from backend.cohorts.models import Cohort, Patient, PatientState
from backend.cohorts.selectors import newest_clinical_records
from backend.cohorts.services import current_rules
from backend.experiments.models import Experiment, ExperimentKind, Prediction
from backend.pathology.label_rules import LabelRule, Tp53Label, label_by
from backend.pathology.models import P53Pattern
from backend.pathology.rater_agreement import Kappa, kappa_of
from backend.pathology.selectors import current_reads, current_sequencing, rule_of

CALLED_MUTATED_FROM = 0.5


@dataclass(frozen=True, kw_only=True)
class Flip:
    """A patient whom the two rules call differently."""

    patient: Patient
    by_percent: Tp53Label
    pattern: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Test-set figures of one model against one rule's labels; None where a figure is not defined."""

    n: int
    accuracy: float | None
    precision: float | None
    recall: float | None
    specificity: float | None
    f1: float | None


@dataclass(frozen=True, kw_only=True)
class ModelFlip:
    model_name: str
    frozen: Figures
    by_percent: Figures
    by_pattern: Figures


@dataclass(frozen=True, kw_only=True)
class RuleComparison:
    """Everything on the page."""

    rule: LabelRule
    patients: int
    both: int
    to_wild_type: list[Flip]
    to_mutated: list[Flip]
    only_percent: int
    models: list[ModelFlip]
    sequencing: list[tuple[Kappa, list[int]]]
    sequenced: int


def compare_rules(cohort: Cohort) -> RuleComparison:
    """With a constant number of queries."""
    rules = current_rules(cohort)
    percent = LabelRule(percent_above=rules.label_percent_stained_above)
    pattern = LabelRule(name="pattern", percent_above=rules.label_percent_stained_above)
    gone = (PatientState.WITHDRAWN, PatientState.EXCLUDED)
    patients = list(Patient.objects.filter(cohort=cohort).exclude(enrolment__state__in=gone))
    reads = current_reads(patients)
    by_percent = {pk: label for pk, rows in reads.items() if (label := label_by(percent, rows))}
    by_pattern = {pk: label for pk, rows in reads.items() if (label := label_by(pattern, rows))}
    records = newest_clinical_records(patients)
    flips = [
        _flip(patient, by_percent[patient.pk], records.get(patient.pk))
        for patient in patients
        if patient.pk in by_percent
        and patient.pk in by_pattern
        and by_percent[patient.pk].mutated != by_pattern[patient.pk].mutated
    ]
    sequenced = {pk: row.mutated for pk, row in current_sequencing(patients).items() if row.mutated is not None}
    return RuleComparison(
        rule=rule_of(rules),
        patients=len(by_percent),
        both=len(set(by_percent) & set(by_pattern)),
        to_wild_type=[flip for flip in flips if flip.by_percent.mutated],
        to_mutated=[flip for flip in flips if not flip.by_percent.mutated],
        only_percent=len(set(by_percent) - set(by_pattern)),
        models=_model_flips(cohort, by_percent, by_pattern),
        sequencing=[
            _against("Percentage rule", by_percent, sequenced),
            _against("Pattern rule", by_pattern, sequenced),
        ],
        sequenced=len(sequenced),
    )


def _flip(patient: Patient, label: Tp53Label, record) -> Flip:
    why = "Wild-type nuclei stain in 1–80 %; the percentage rule calls most such tumours mutated."
    if label.pattern == P53Pattern.NULL:
        why = "A null pattern stands for a mutation although nothing stains; the percentage rule cannot see it."
        if record is not None and record.cancer_type == "cervical":
            why += " In HPV-driven cervical cancer p53 is degraded, which can mimic null: look at HPV and the control."
    elif not label.mutated:
        why = "An abnormal pattern in few nuclei, below the percentage."
    return Flip(
        patient=patient, by_percent=label, pattern=P53Pattern(label.pattern).label if label.pattern else "–", why=why
    )


def _model_flips(cohort: Cohort, by_percent: dict, by_pattern: dict) -> list[ModelFlip]:
    """Of the newest models: the predictions stay, only the labels that they are held against change."""
    newest = (
        Experiment.objects.filter(cohort=cohort, kind=ExperimentKind.CLASSIFICATION).order_by("-created_at").first()
    )
    if newest is None or newest.dataset_version_id is None:
        return []
    members = newest.dataset_version.members.filter(tp53_mutated__isnull=False)
    frozen = dict(members.values_list("patient_id", "tp53_mutated"))
    rows: dict[str, list[tuple[UUID, bool]]] = {}
    test = Prediction.objects.filter(experiment=newest, partition="test", roi="consensus").order_by("model_name")
    for name, patient_id, probability in test.values_list("model_name", "patient_id", "probability"):
        rows.setdefault(name, []).append((patient_id, probability >= CALLED_MUTATED_FROM))
    sources = [frozen, *({pk: label.mutated for pk, label in found.items()} for found in (by_percent, by_pattern))]
    held = {name: [_figures(calls, labels) for labels in sources] for name, calls in rows.items()}
    return [
        ModelFlip(model_name=name, frozen=frozen_, by_percent=percent, by_pattern=pattern)
        for name, (frozen_, percent, pattern) in held.items()
    ]


def _figures(calls: list[tuple[UUID, bool]], labels: dict[UUID, bool]) -> Figures:
    """Against the labels that exist; a patient without one is left out and so missing from n."""
    pairs = [(labels[pk], call) for pk, call in calls if pk in labels]
    tp, tn = sum(a and b for a, b in pairs), sum(not a and not b for a, b in pairs)
    fp, fn = sum(not a and b for a, b in pairs), sum(a and not b for a, b in pairs)

    def share(part: int, whole: int) -> float | None:
        return part / whole if whole else None

    return Figures(
        n=len(pairs),
        accuracy=share(tp + tn, len(pairs)),
        precision=share(tp, tp + fp),
        recall=share(tp, tp + fn),
        specificity=share(tn, tn + fp),
        f1=share(2 * tp, 2 * tp + fp + fn),
    )


def _against(title: str, labels: dict[UUID, Tp53Label], sequenced: dict[UUID, bool]) -> tuple[Kappa, list[int]]:
    """Kappa, and the counts IHC × sequencing: mutated/mutated, mutated/wild-type, wild-type/mutated, both wild-type."""
    pairs = [(labels[pk].mutated, found) for pk, found in sequenced.items() if pk in labels]
    cells = [pairs.count(cell) for cell in ((True, True), (True, False), (False, True), (False, False))]
    return kappa_of(title, pairs), cells
