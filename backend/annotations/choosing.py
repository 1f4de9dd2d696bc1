"""The cases from which a coordinator chooses whom to give to readers, and the filters above them."""

import django_filters
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from backend.annotations.models import Purpose, Target
from backend.cohorts.models import CancerType, Centre, ClinicalRecord, Cohort, PatientState
from backend.core.filters import SearchFilter, SelectFilter
from backend.imaging.models import Case

# What one page holds to tick; a larger cohort is given in parts, by centre or cancer.
CASES_SHOWN = 500
GIVEN = [("none", "To nobody"), ("fewer", "To fewer readers than the protocol asks for"), ("enough", "To enough")]


def cases_to_give(cohort: Cohort, target: str) -> QuerySet[Case]:
    """The cohort's cases with ``cancer_type`` and ``reader_count`` of the target."""
    newest = ClinicalRecord.objects.filter(patient=OuterRef("patient")).order_by("-created_at").values("cancer_type")
    standing = Q(
        assignments__target=target, assignments__withdrawn_at__isnull=True, assignments__purpose=Purpose.READING
    )
    rows = Case.objects.filter(patient__cohort=cohort).select_related("patient__enrolment", "patient__centre", "study")
    return rows.annotate(
        cancer_type=Subquery(newest[:1]), reader_count=Count("assignments", filter=standing, distinct=True)
    ).order_by("patient__pseudonym", "created_at")


class CaseChoiceFilter(django_filters.FilterSet):
    """``blinded`` cases answer to nothing that a reader must not know: the cancer, and who else reads them."""

    search = SearchFilter("patient__pseudonym", placeholder="Pseudonym")
    state = SelectFilter(label="Patient", field_name="patient__enrolment__state", choices=PatientState.choices)
    centre = SelectFilter(label="Centre", field_name="patient__centre__name", choices=[])
    cancer = SelectFilter(label="Cancer", choices=CancerType.choices, method="of_cancer")
    given = SelectFilter(label="Given", choices=GIVEN, method="given_to")
    task = SelectFilter(label="Task", choices=Target.choices, method="as_it_is", empty_label=None)

    class Meta:
        model = Case
        fields = ["search", "state", "centre", "cancer", "given", "task"]

    def __init__(
        self, data: dict, rows: QuerySet, *, cohort: Cohort, readers_per_case: int, blinded: frozenset = frozenset()
    ) -> None:
        super().__init__(data, rows)
        self.blinded, self.readers_per_case = blinded, readers_per_case
        names = Centre.objects.filter(cohort=cohort, patients__isnull=False).values_list("name", flat=True)
        self.filters["centre"].extra["choices"] = [(name, name) for name in names.distinct()]

    def of_cancer(self, rows: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        return rows.exclude(pk__in=self.blinded).filter(cancer_type=value)

    def given_to(self, rows: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        wanted = {
            "none": Q(reader_count=0),
            "fewer": Q(reader_count__lt=self.readers_per_case),
            "enough": Q(reader_count__gte=self.readers_per_case),
        }
        return rows.exclude(pk__in=self.blinded).filter(wanted[value])

    def as_it_is(self, rows: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        return rows
