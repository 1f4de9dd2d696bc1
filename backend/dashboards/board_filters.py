"""Filters of the cohort board."""

import django_filters
from django.db.models import QuerySet

from backend.cohorts.models import CancerType, Patient, PatientState
from backend.cohorts.protocol_fields import CRITERIA
from backend.core.filters import SearchFilter, SelectFilter
from backend.dashboards.flow import BY_HAND, excluded_under
from backend.dashboards.selectors.board import PARTS, missing


class ReaderBoardFilter(django_filters.FilterSet):
    """A reader looks for a patient and nothing else."""

    search = SearchFilter("pseudonym", placeholder="Pseudonym")

    class Meta:
        model = Patient
        fields = ["search"]


class BoardFilter(ReaderBoardFilter):
    """``blinded`` patients never answer to what is hidden of them: the cancer, and what is missing of others' work."""

    state = SelectFilter(label="State", field_name="enrolment__state", choices=PatientState.choices)
    cancer = SelectFilter(label="Cancer", choices=CancerType.choices, method="filter_cancer")
    missing = SelectFilter(
        label="Missing", choices=[(part, title) for part, (title, _) in PARTS.items()], method="filter_missing"
    )

    excluded_by = SelectFilter(
        label="Excluded by", choices=[*CRITERIA, (BY_HAND, "A coordinator")], method="filter_excluded_by"
    )

    def __init__(self, *args: object, blinded: frozenset = frozenset(), **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.blinded = blinded

    def filter_cancer(self, patients: QuerySet[Patient], name: str, cancer_type: str) -> QuerySet[Patient]:
        return patients.exclude(pk__in=self.blinded).filter(cancer_type=cancer_type)

    def filter_excluded_by(self, patients: QuerySet[Patient], name: str, code: str) -> QuerySet[Patient]:
        seen = patients.exclude(pk__in=self.blinded)
        return seen.filter(pk__in=excluded_under(seen).get(code, []))

    def filter_missing(self, patients: QuerySet[Patient], name: str, part: str) -> QuerySet[Patient]:
        return missing(patients.exclude(pk__in=self.blinded), part)
