"""Filters of the cohort board."""

import django_filters
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from backend.annotations.models import Assignment, Consensus, Purpose, Reading, Target
from backend.cohorts.centre_models import Centre
from backend.cohorts.models import CancerType, Cohort, Patient, PatientState
from backend.cohorts.protocol import ProtocolRules
from backend.cohorts.protocol_fields import CRITERIA
from backend.core.filters import SearchFilter, SelectFilter
from backend.dashboards.flow import BY_HAND, excluded_under
from backend.dashboards.selectors.board import PARTS, missing
from backend.features.models import FeatureSet
from backend.imaging.models import Case

READY = {
    "assign": "To be given to readers",
    "consensus": "Consensus to be built",
    "features": "Features to be extracted",
    "complete": "Complete",
}


class ReaderBoardFilter(django_filters.FilterSet):
    """A reader looks for a patient and nothing else."""

    search = SearchFilter("pseudonym", placeholder="Pseudonym")

    class Meta:
        model = Patient
        fields = ["search"]


class BoardFilter(ReaderBoardFilter):
    """``blinded`` patients never answer to what is hidden of them: the cancer, and how far others' work is."""

    state = SelectFilter(label="State", field_name="enrolment__state", choices=PatientState.choices)
    cancer = SelectFilter(label="Cancer", choices=CancerType.choices, method="filter_cancer")
    centre = SelectFilter(label="Centre", field_name="centre__name", choices=[])
    missing = SelectFilter(
        label="Missing", choices=[(part, title) for part, (title, _) in PARTS.items()], method="filter_missing"
    )
    ready = SelectFilter(label="Next", choices=list(READY.items()), method="filter_ready")

    excluded_by = SelectFilter(
        label="Excluded by", choices=[*CRITERIA, (BY_HAND, "A coordinator")], method="filter_excluded_by"
    )

    def __init__(
        self,
        data: object,
        patients: QuerySet[Patient],
        *,
        cohort: Cohort,
        rules: ProtocolRules,
        blinded: frozenset = frozenset(),
    ) -> None:
        super().__init__(data, patients)
        self.blinded, self.rules = blinded, rules
        names = list(Centre.objects.filter(cohort=cohort).order_by("name").values_list("name", flat=True))
        self.filters["centre"].extra["choices"] = [(name, name) for name in names]
        if not names:
            del self.filters["centre"]

    def filter_cancer(self, patients: QuerySet[Patient], name: str, cancer_type: str) -> QuerySet[Patient]:
        return patients.exclude(pk__in=self.blinded).filter(cancer_type=cancer_type)

    def filter_excluded_by(self, patients: QuerySet[Patient], name: str, code: str) -> QuerySet[Patient]:
        seen = patients.exclude(pk__in=self.blinded)
        return seen.filter(pk__in=excluded_under(seen).get(code, []))

    def filter_missing(self, patients: QuerySet[Patient], name: str, part: str) -> QuerySet[Patient]:
        return missing(patients.exclude(pk__in=self.blinded), part)

    def filter_ready(self, patients: QuerySet[Patient], name: str, step: str) -> QuerySet[Patient]:
        patients = patients.exclude(pk__in=self.blinded)
        if step == "complete":
            for _, condition in PARTS.values():
                patients = patients.filter(condition)
            return patients
        return patients.filter(Exists(self._cases(step)))

    def _cases(self, step: str) -> QuerySet[Case]:
        """The cases of a patient for which the step is the next one."""
        cases = Case.objects.filter(patient=OuterRef("pk"))
        own = OuterRef("pk")
        tumour = {"case": own, "target": Target.TUMOUR}
        settled = Exists(Consensus.objects.standing().filter(**tumour))
        if step == "assign":
            given = Q(
                assignments__target=Target.TUMOUR,
                assignments__withdrawn_at__isnull=True,
                assignments__purpose=Purpose.READING,
            )
            few = cases.annotate(given=Count("assignments", filter=given, distinct=True))
            return few.filter(given__lt=self.rules.readers_per_case)
        if step == "consensus":
            # Somebody has read it, and nobody who was given it has still to hand in.
            left = Assignment.objects.to_read().filter(**tumour)
            return cases.filter(Exists(Reading.objects.standing().filter(**tumour)), ~Exists(left), ~settled)
        return cases.filter(settled, ~Exists(FeatureSet.objects.filter(case=own, roi="consensus")))
