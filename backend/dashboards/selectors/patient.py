"""One patient from every side: what a person may see of it, decided here once for pages and API."""

from dataclasses import dataclass, field

from backend.accounts.models import User
from backend.annotations.blinding import may_see_consensus, may_see_outcomes, may_see_readings
from backend.annotations.models import Assignment, Consensus, Target
from backend.annotations.selectors import current_consensus, current_readings
from backend.cohorts.eligibility import CriterionResult, evaluate_criteria
from backend.cohorts.modalities import modalities_of
from backend.cohorts.models import ClinicalRecord, EligibilityDecision, Patient, Role
from backend.cohorts.protocol import ProtocolRules
from backend.cohorts.selectors import newest_clinical_records, newest_decisions
from backend.core.errors import Forbidden
from backend.experiments.staleness import attach_staleness
from backend.features.models import FeatureSet, Source
from backend.features.selectors import current_feature_sets
from backend.imaging.models import Case, ImagingStudy, QcFinding
from backend.pathology.discordance import discordance_sentences
from backend.pathology.label_rules import LabelRule, Tp53Label, label_by
from backend.pathology.models import IhcRead, SequencingResult
from backend.pathology.selectors import current_reads, current_sequencing, rule_of

HIDDEN = "Hidden from you until you have handed in your reading of this patient."
NOT_FOR_READERS = "Readers do not see clinical values, p53 or predictions, so that their readings stay blinded."
# They see every p53 read; a pathologist sees the others' once the own one is signed, so that a second read is one.
SEE_ALL_READS = frozenset({Role.COORDINATOR, Role.ANALYST, Role.ADJUDICATOR})


@dataclass(frozen=True, kw_only=True)
class P53Section:
    """The reads of a patient that a person may see; ``hidden_count`` others are waiting for the person's own."""

    own: IhcRead | None = None
    reads: list[IhcRead] = field(default_factory=list)
    hidden_count: int = 0
    label: Tp53Label | None = None
    sentences: list[str] = field(default_factory=list)
    rule: LabelRule = field(default_factory=LabelRule)
    sequencing: SequencingResult | None = None


@dataclass(frozen=True, kw_only=True)
class EligibilitySection:
    """The criteria as they stand now, and the log of decisions, newest first."""

    criteria: list[CriterionResult]
    newest: EligibilityDecision | None
    log: list[EligibilityDecision]


@dataclass(frozen=True, kw_only=True)
class CaseSection:
    """A case with what a person may see of its reading (None: hidden)."""

    case: Case
    own_assignments: list[Assignment]
    reading_count: int | None
    tumour: Consensus | None
    bat: Consensus | None


def why_hidden(user: User, roles: frozenset[str], patient: Patient) -> str:
    """The sentence why clinical values, p53 and readings of a patient are hidden; empty where they are not."""
    if may_see_outcomes(user, patient, roles):
        return ""
    return HIDDEN if roles - {Role.READER} else NOT_FOR_READERS


def require_seen(user: User, roles: frozenset[str], patient: Patient) -> None:
    """Raises Forbidden where clinical values and p53 of the patient are hidden from the person."""
    sentence = why_hidden(user, roles, patient)
    if sentence:
        raise Forbidden(sentence)


def waits_for_own_read(roles: frozenset[str]) -> bool:
    """Whether others' p53 reads wait for the person's own: for every pathologist, whatever else they are."""
    return Role.PATHOLOGIST in roles or not roles & SEE_ALL_READS


def p53_section(user: User, roles: frozenset[str], patient: Patient, rules: ProtocolRules) -> P53Section:
    """The reads that nothing supersedes; asked only for patients whose p53 the person may see."""
    reads = current_reads([patient]).get(patient.pk, [])
    own = next((read for read in reversed(reads) if read.reader_id == user.pk), None)
    rule = rule_of(rules)
    if own is None and waits_for_own_read(roles):
        return P53Section(hidden_count=len(reads), rule=rule)
    return P53Section(
        own=own,
        reads=reads,
        label=label_by(rule, reads),
        sentences=discordance_sentences(reads, rule=rule),
        rule=rule,
        sequencing=current_sequencing([patient]).get(patient.pk),
    )


def eligibility_section(patient: Patient, rules: ProtocolRules) -> EligibilitySection:
    record = newest_clinical_records([patient]).get(patient.pk)
    log = patient.eligibility_decisions.select_related("decided_by", "protocol").order_by("-created_at")
    return EligibilitySection(
        criteria=evaluate_criteria(record, rules, modalities_of([patient]).get(patient.pk, frozenset())),
        newest=newest_decisions([patient]).get(patient.pk),
        log=list(log[:20]),
    )


def newest_record(patient: Patient) -> ClinicalRecord | None:
    return newest_clinical_records([patient]).get(patient.pk)


def studies_of(patient: Patient) -> list[ImagingStudy]:
    """Studies with their series, oldest first."""
    studies = ImagingStudy.objects.filter(patient=patient).order_by("study_date", "created_at")
    return list(studies.prefetch_related("series__volume", "series__pet_acquisition"))


def findings_of(patient: Patient) -> list[QcFinding]:
    return list(QcFinding.objects.filter(patient=patient).select_related("series").order_by("severity", "-created_at"))


def case_sections(user: User, roles: frozenset[str], patient: Patient) -> list[CaseSection]:
    """The patient's cases, newest first; a patient has one or two."""
    cases = Case.objects.filter(patient=patient).select_related("study").order_by("-created_at")
    return [_case_section(user, roles, case) for case in cases]


def _case_section(user: User, roles: frozenset[str], case: Case) -> CaseSection:
    seen, settled = may_see_readings(user, case, roles), may_see_consensus(user, case, roles)
    return CaseSection(
        case=case,
        own_assignments=list(Assignment.objects.filter(case=case, reader=user).prefetch_related("readings")),
        reading_count=len(current_readings(case, Target.TUMOUR)) if seen else None,
        tumour=current_consensus(case, Target.TUMOUR) if settled else None,
        bat=current_consensus(case, Target.BAT) if settled else None,
    )


def feature_rows(case: Case) -> list[tuple[str, FeatureSet | None]]:
    """(source title, newest feature set or None) of the four sources, without the values."""
    rows = list(current_feature_sets(Case.objects.filter(pk=case.pk)).defer("values", "recipe__feature_names"))
    attach_staleness(rows)
    found = {row.source: row for row in rows}
    return [(source.label, found.get(source.value)) for source in Source]
