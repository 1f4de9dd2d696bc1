"""Freeze: the included patients as they are now → a dataset version with its sealed test set and folds."""

from backend.cohorts.models import Cohort, PatientState
from backend.cohorts.services import current_rules
from backend.experiments.services.datasets import Candidates, collect_candidates, record_dataset
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from backend.pathology.selectors import rule_of
from worker.compute.splits import make_split
from worker.tasks.runner import JobContext, job_task


@job_task(JobKind.FREEZE_DATASET)
def freeze_dataset(context: JobContext) -> None:
    """fetch: patients, labels, features → compute: a stratified split → record: a dataset version."""
    cohort = Cohort.objects.get(pk=context.job.subject_id)
    candidates, rules = collect_candidates(cohort), current_rules(cohort)
    context.inputs(patients=[member.patient.pseudonym for member in candidates.members])
    split = make_split(
        [member.patient.pseudonym for member in candidates.members],
        [member.cancer_type for member in candidates.members],
        [int(member.label.mutated) for member in candidates.members],
        test_fraction=rules.test_fraction,
        folds=rules.folds,
        seed=rules.split_seed,
        forbidden_train_ids=_ever_tested(candidates),
    )
    with completing(context.claim, message=_sentence(candidates, len(split.test_ids))):
        record_dataset(
            cohort,
            candidates=candidates,
            split=split,
            label_rule=rule_of(rules).to_json(),
            warnings=list(split.warnings),
            actor=context.job.created_by,
            test_fraction=rules.test_fraction,
        )


def _ever_tested(candidates: Candidates) -> set[str]:
    return {member.patient.pseudonym for member in candidates.members if member.patient.ever_in_test_set}


def _sentence(candidates: Candidates, test_count: int) -> str:
    left_out = sum(candidates.left_out.values())
    training = len(candidates.members) - test_count
    beside = f"; {left_out} {PatientState.INCLUDED.label.lower()} patients left out" if left_out else ""
    return f"{training} patients to train on, {test_count} in the sealed test set{beside}."
