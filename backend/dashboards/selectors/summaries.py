"""Whether a cohort's summary is still that of its patients."""

from datetime import datetime

from django.db.models import Max

from backend.annotations.models import Consensus, ConsensusReopening
from backend.cohorts.models import ClinicalRecord, Cohort, Enrolment
from backend.experiments.models import Experiment
from backend.pathology.models import IhcRead


def last_change(cohort: Cohort) -> datetime | None:
    """When anything that a summary is made of changed last."""
    moments = [
        Enrolment.objects.filter(patient__cohort=cohort).aggregate(last=Max("updated_at")),
        ClinicalRecord.objects.filter(patient__cohort=cohort).aggregate(last=Max("created_at")),
        IhcRead.objects.filter(specimen__patient__cohort=cohort).aggregate(last=Max("created_at")),
        Consensus.objects.filter(case__patient__cohort=cohort).aggregate(last=Max("created_at")),
        # Table 1 by training and test set is of the newest split.
        cohort.dataset_versions.aggregate(last=Max("created_at")),
        ConsensusReopening.objects.filter(consensus__case__patient__cohort=cohort).aggregate(last=Max("created_at")),
    ]
    return max((moment["last"] for moment in moments if moment["last"]), default=None)


def is_stale(summary: Experiment | None) -> bool:
    """Whether patients, records, p53 reads or consensuses are newer than the summary."""
    if summary is None:
        return False
    started = (summary.job.started_at if summary.job else None) or summary.created_at
    changed = last_change(summary.cohort)
    return changed is not None and changed > started
