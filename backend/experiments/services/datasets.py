"""Freezing a dataset: who is in, with which label, mask and features, and on which side of the split."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from backend.accounts.models import User
from backend.annotations.models import Consensus, Target
from backend.audit.services import record_audit
from backend.cohorts.clinical_records import stage_input_problem
from backend.cohorts.figo import main_stage
from backend.cohorts.models import (
    ClinicalRecord,
    Cohort,
    DatasetMember,
    DatasetVersion,
    Patient,
    PatientState,
)
from backend.cohorts.protocol import ProtocolRules
from backend.cohorts.selectors import newest_clinical_records
from backend.cohorts.services import current_protocol
from backend.core.errors import Conflict
from backend.experiments.staleness import attach_staleness
from backend.features.models import FeatureSet, Recipe
from backend.features.selectors import current_feature_sets
from backend.imaging.models import Case
from backend.jobs.models import Job, JobKind
from backend.jobs.services import enqueue_job
from backend.pathology.selectors import Tp53Label, patients_with_reads, rule_of, tp53_labels


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A patient who can be in the dataset."""

    patient: Patient
    case: Case
    label: Tp53Label
    cancer_type: str
    clinical: dict
    feature_sets: dict[str, FeatureSet]
    consensus: Consensus | None
    stage_problem: str = ""

    @property
    def mask_sha256(self) -> str:
        return self.consensus.mask.sha256 if self.consensus and self.consensus.mask else ""


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """Everybody who can be in, and who cannot and why."""

    members: list[Candidate]
    excluded: list[tuple[Patient, str]]

    @property
    def left_out(self) -> dict[str, int]:
        """How many patients each reason keeps out."""
        return dict(Counter(reason for _, reason in self.excluded))

    def sentences(self) -> list[str]:
        left_out = [
            f"{count} included {'patient was' if count == 1 else 'patients were'} left out: {reason}."
            for reason, count in self.left_out.items()
        ]
        refused = Counter(member.stage_problem for member in self.members if member.stage_problem)
        return left_out + [
            f"The FIGO stage of {count} {'patient' if count == 1 else 'patients'} is refused as a model input: {why}."
            for why, count in refused.items()
        ]


def enqueue_freeze(cohort: Cohort, *, actor: User | None) -> Job:
    """Queues a freeze. Raises Conflict, saying what is missing, where nothing could be trained on the result."""
    candidates = collect_candidates(cohort)
    states = {member.label.mutated for member in candidates.members}
    if len(states) < 2:
        reasons = "; ".join(f"{count} {reason}" for reason, count in candidates.left_out.items()) or "no patients"
        raise Conflict(
            "A dataset needs patients of both TP53 states with features; "
            f"{len(candidates.members)} patients are ready now ({reasons})."
        )
    return enqueue_job(
        kind=JobKind.FREEZE_DATASET,
        subject=cohort,
        cohort_uuid=cohort.pk,
        parameters={"protocol": current_protocol(cohort).number},
        created_by=actor,
    )


def collect_candidates(cohort: Cohort) -> Candidates:
    """Looks at every included patient, with a constant number of queries."""
    patients = list(Patient.objects.filter(cohort=cohort, enrolment__state=PatientState.INCLUDED).order_by("pseudonym"))
    rules = ProtocolRules.from_json(current_protocol(cohort).rules)
    labels = tp53_labels(patients, rule=rule_of(rules))
    unsettled = patients_with_reads(patients) - set(labels)
    clinical = newest_clinical_records(patients)
    features = _features_by_patient(patients)
    consensuses = _consensuses([next(iter(sets.values())).case for sets in features.values()])
    members, excluded = [], []
    for patient in patients:
        reason = "p53 reads that disagree" if patient.pk in unsettled else _missing(patient, labels, clinical, features)
        if reason:
            excluded.append((patient, reason))
            continue
        record, sets = clinical[patient.pk], features[patient.pk]
        case = next(iter(sets.values())).case
        members.append(
            Candidate(
                patient=patient,
                case=case,
                consensus=consensuses.get(case.pk),
                label=labels[patient.pk],
                cancer_type=record.cancer_type,
                clinical=model_inputs(record),
                stage_problem=stage_input_problem(record),
                feature_sets=sets,
            )
        )
    return Candidates(members=members, excluded=excluded)


def _missing(patient: Patient, labels: dict, clinical: dict, features: dict) -> str:
    if patient.pk not in labels:
        return "no p53 read"
    if patient.pk not in clinical or not clinical[patient.pk].cancer_type:
        return "no cancer type"
    # A feature set has values or a reason, never both; the values themselves are not needed here.
    if all(row.reason for row in features.get(patient.pk, {}).values()):
        return "no features"
    return ""


def _features_by_patient(patients: list[Patient]) -> dict[Any, dict[str, FeatureSet]]:
    """The newest case with features counts where a patient was scanned more than once."""
    found: dict[Any, dict[str, FeatureSet]] = {}
    for row in sorted(_feature_rows(patients), key=lambda row: row.case.created_at):
        sources = found.setdefault(row.case.patient_id, {})
        if sources and next(iter(sources.values())).case_id != row.case_id:
            sources.clear()
        sources[row.source] = row
    return found


def _feature_rows(patients: list[Patient]) -> list[FeatureSet]:
    """The current sets without their values; what thousands of them share is read once."""
    by_key = {patient.pk: patient for patient in patients}
    cases = {case.pk: case for case in Case.objects.filter(patient__in=patients)}
    for case in cases.values():
        case.patient = by_key[case.patient_id]
    found = current_feature_sets(Case.objects.filter(patient__in=patients)).select_related(None).defer("values")
    rows = list(found)
    recipes = Recipe.objects.defer("feature_names").in_bulk({row.recipe_id for row in rows})
    named = Consensus.objects.filter(pk__in={row.consensus_id for row in rows if row.consensus_id})
    consensuses = named.only("case_id", "is_signed", "outcome", "mask_id").in_bulk()
    for row in rows:
        row.case, row.recipe = cases[row.case_id], recipes[row.recipe_id]
        row.consensus = consensuses.get(row.consensus_id)
    return rows


def _consensuses(cases: list[Case]) -> dict[Any, Consensus]:
    """What counts now as the tumour of each case, in one query."""
    rows = Consensus.objects.standing().filter(case__in=cases, target=Target.TUMOUR).select_related("mask")
    return {row.case_id: row for row in rows.order_by("case_id", "-created_at").distinct("case_id")}


def model_inputs(record: ClinicalRecord) -> dict:
    """The paper's clinical inputs of the combined model: lymph node, grade, main stage.

    A stage that can contain the p53 state is none: as an input it would hand the model its own label.
    """
    leaks = stage_input_problem(record)
    return {
        "lymph_node_metastasis": None if record.lymph_node_metastasis is None else int(record.lymph_node_metastasis),
        "grade": record.grade or None,
        "figo_stage": None if leaks else main_stage(record.figo_stage) or None,
    }


def record_dataset(
    cohort: Cohort,
    *,
    candidates: Candidates,
    split: Any,
    label_rule: dict,
    warnings: list[str],
    actor: User | None,
    test_fraction: float | None = None,
) -> DatasetVersion:
    """Writes the frozen version; ``split`` is worker.compute.splits.Split by pseudonym."""
    _require_never_tested(cohort, split)
    rows = [_member_values(member, split) for member in candidates.members]
    content = {"label_rule": label_rule, "seed": split.seed, "members": [_digestible(row) for row in rows]}
    number = (cohort.dataset_versions.aggregate(last=Max("number"))["last"] or 0) + 1
    version = DatasetVersion.objects.create(
        cohort=cohort,
        number=number,
        protocol=current_protocol(cohort),
        label_rule=label_rule,
        split_settings={
            "seed": split.seed,
            "folds": split.folds,
            "test": len(split.test_ids),
            **({} if test_fraction is None else {"test_fraction": test_fraction}),
        },
        warnings=[*candidates.sentences(), *_unsettled(candidates), *warnings],
        sha256=hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest(),
        frozen_by=actor,
    )
    DatasetMember.objects.bulk_create([DatasetMember(dataset_version=version, **row) for row in rows])
    Patient.objects.filter(cohort=cohort, pseudonym__in=split.test_ids).update(ever_in_test_set=True)
    record_audit(
        action="dataset.freeze",
        subject=version,
        actor=actor,
        cohort_uuid=cohort.pk,
        after={"number": number, "patients": len(rows), "sha256": version.sha256},
    )
    return version


def _unsettled(candidates: Candidates) -> list[str]:
    """What is frozen though no person has signed it, or though it is stale already."""
    rows = [row for member in candidates.members for row in member.feature_sets.values()]
    attach_staleness(rows)
    unsigned = len({row.case_id for row in rows if row.is_unsigned_consensus})
    stale = len({row.case_id for row in rows if row.staleness})
    found = [
        (unsigned, "no adjudicator has signed the consensus"),
        (stale, "the features are stale: extract them again"),
    ]
    return [f"Of {count} {'patient' if count == 1 else 'patients'} {what}." for count, what in found if count]


def _require_never_tested(cohort: Cohort, split: Any) -> None:
    """Looked at again where it is recorded: another freeze may have sealed a patient since this split was drawn."""
    patients = Patient.objects.select_for_update().filter(cohort=cohort, ever_in_test_set=True)
    tested = patients.filter(pseudonym__in=split.fold_by_id).values_list("pseudonym", flat=True).first()
    if tested:
        raise Conflict(f"{tested} was sealed in a test set meanwhile and may not be trained on: freeze again.")


def _member_values(member: Candidate, split: Any) -> dict:
    consensus = member.consensus
    return {
        "patient": member.patient,
        "case_uuid": member.case.pk,
        "cancer_type": member.cancer_type,
        "tp53_mutated": member.label.mutated,
        "fold": split.fold_by_id.get(member.patient.pseudonym),
        "consensus_uuid": consensus.pk if consensus else None,
        "mask_sha256": member.mask_sha256,
        "feature_sets": {
            source: {"id": str(row.pk), "sha256": row.sha256, "reason": row.reason, "recipe": row.recipe.sha256}
            for source, row in member.feature_sets.items()
        },
        "clinical": member.clinical,
    }


def _digestible(row: dict) -> dict:
    return {**row, "patient": row["patient"].pseudonym}
