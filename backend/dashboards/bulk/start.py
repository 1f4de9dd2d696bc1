"""Starting the next computation of many cases: consensuses, brown fat by rule, features."""

from collections.abc import Callable
from uuid import UUID

from backend.accounts.models import User
from backend.annotations.models import Consensus, Mask, MaskSource, Reading, Target
from backend.cohorts.models import Cohort, Patient
from backend.cohorts.services import current_rules
from backend.dashboards.bulk.plans import Plan, by_reason
from backend.dashboards.selectors.board import newest_cases
from backend.features.models import FeatureSet, Source
from backend.features.selectors import current_feature_sets
from backend.features.staleness import changes_of, standing_of_sets
from backend.imaging.models import Case
from backend.jobs.bulk import Work, enqueue_jobs
from backend.jobs.models import JobKind

NO_IMAGES = "no PET/CT yet"
BUSY = "already being worked on"


def plan_of(cohort: Cohort, patients: list[Patient], why_not: Callable[[list[Case]], dict[UUID, str]]) -> Plan:
    """The newest case of each patient, unless ``why_not`` (by case) says why it waits."""
    newest = newest_cases(patients)
    cases = {case.patient_id: case for case in Case.objects.filter(pk__in=newest.values()).select_related("patient")}
    reasons = why_not(list(cases.values()))
    pairs = [
        (patient.pseudonym, reasons.get(cases[patient.pk].pk, "") if patient.pk in cases else NO_IMAGES)
        for patient in patients
    ]
    ready = [case for case in cases.values() if not reasons.get(case.pk)]
    return Plan(ready=sorted(ready, key=lambda case: case.patient.pseudonym), left_out=by_reason(pairs))


def plan_consensuses(cohort: Cohort, patients: list[Patient]) -> Plan:
    return plan_of(cohort, patients, _why_no_consensus)


def _why_no_consensus(cases: list[Case]) -> dict[UUID, str]:
    readings = _current_readings(cases)
    rows = Consensus.objects.standing().filter(case__in=cases, target=Target.TUMOUR).order_by("case_id", "-created_at")
    settled = {row.case_id: row for row in rows.distinct("case_id")}
    reasons = {}
    for case in cases:
        consensus, newest = settled.get(case.pk), readings.get(case.pk, set())
        if not newest:
            reasons[case.pk] = "nobody has handed in a reading"
        elif consensus and consensus.is_signed:
            reasons[case.pk] = "an adjudicator has signed the consensus"
        elif consensus and set(consensus.reading_ids) == newest:
            reasons[case.pk] = "the consensus is current"
    return reasons


def _current_readings(cases: list[Case]) -> dict[UUID, set[UUID]]:
    """The newest standing tumour reading of every reader (and of every imported region), by case."""
    rows = Reading.objects.standing().filter(case__in=cases, target=Target.TUMOUR).order_by("created_at")
    newest: dict[UUID, dict[tuple, UUID]] = {}
    for pk, case_id, reader_id, origin in rows.values_list("pk", "case_id", "reader_id", "origin"):
        newest.setdefault(case_id, {})[(reader_id, "" if reader_id else origin)] = pk
    return {case_id: set(found.values()) for case_id, found in newest.items()}


def start_consensuses(cohort: Cohort, cases: list[Case], *, actor: User) -> tuple[int, dict[str, list[str]]]:
    readings = _current_readings(cases)
    return _start(
        cohort,
        cases,
        JobKind.BUILD_CONSENSUS,
        actor,
        lambda case: {"target": str(Target.TUMOUR), "readings": sorted(map(str, readings.get(case.pk, ())))},
    )


def plan_brown_fat(cohort: Cohort, patients: list[Patient]) -> Plan:
    return plan_of(cohort, patients, _why_no_brown_fat)


def _why_no_brown_fat(cases: list[Case]) -> dict[UUID, str]:
    marked = Mask.objects.filter(case__in=cases, target=Target.BAT, source=MaskSource.BAT_RULE)
    return dict.fromkeys(marked.values_list("case_id", flat=True), "the rule has marked brown fat already")


def start_brown_fat(cohort: Cohort, cases: list[Case], *, actor: User) -> tuple[int, dict[str, list[str]]]:
    return _start(cohort, cases, JobKind.PROPOSE_BAT, actor, lambda case: {})


def plan_features(cohort: Cohort, patients: list[Patient]) -> Plan:
    needs_signature = current_rules(cohort).unsigned_consensus_in_features == "refused"
    return plan_of(cohort, patients, lambda cases: _why_no_features(cohort, cases, needs_signature))


def _why_no_features(cohort: Cohort, cases: list[Case], needs_signature: bool) -> dict[UUID, str]:
    rows = Consensus.objects.standing().filter(case__in=cases, target=Target.TUMOUR).order_by("case_id", "-created_at")
    signed = dict(rows.distinct("case_id").values_list("case_id", "is_signed"))
    current = _with_current_features(cohort, cases)
    reasons = {}
    for case in cases:
        if case.pk not in signed:
            reasons[case.pk] = "no consensus yet"
        elif needs_signature and not signed[case.pk]:
            reasons[case.pk] = "the protocol asks for a signed consensus"
        elif case.pk in current:
            reasons[case.pk] = "the features are current"
    return reasons


def _with_current_features(cohort: Cohort, cases: list[Case]) -> set[UUID]:
    """The cases all of whose sources stand on what counts now, at a constant number of queries."""
    wanted = Case.objects.filter(pk__in=[case.pk for case in cases])
    rows: list[FeatureSet] = list(current_feature_sets(wanted).defer("values", "recipe__feature_names"))
    standing = standing_of_sets(cohort, rows)
    fresh: dict[UUID, set[str]] = {}
    for row in rows:
        if not changes_of(row, standing):
            fresh.setdefault(row.case_id, set()).add(row.source)
    return {case_id for case_id, sources in fresh.items() if sources == set(Source.values)}


def start_features(cohort: Cohort, cases: list[Case], *, actor: User) -> tuple[int, dict[str, list[str]]]:
    return _start(cohort, cases, JobKind.EXTRACT_FEATURES, actor, lambda case: {"roi": "consensus"})


def _start(
    cohort: Cohort, cases: list[Case], kind: JobKind, actor: User, parameters: Callable[[Case], dict]
) -> tuple[int, dict[str, list[str]]]:
    many = [Work(subject=case, subject_title=case.patient.pseudonym, parameters=parameters(case)) for case in cases]
    jobs, busy = enqueue_jobs(many, kind=kind, cohort_uuid=cohort.pk, created_by=actor)
    return len(jobs), by_reason((work.subject_title, BUSY) for work in busy)
