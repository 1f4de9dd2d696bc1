"""Giving the cases of many patients to readers, drawn evenly as the protocol's number of readers asks."""

from datetime import date

from django import forms
from django.db.models import Count, Q

from backend.accounts.models import User
from backend.annotations.forms import GiveForm
from backend.annotations.models import Purpose, Target
from backend.annotations.services.assigning import assign_balanced
from backend.cohorts.models import Cohort, Patient
from backend.cohorts.services import current_rules
from backend.dashboards.bulk.plans import Plan
from backend.dashboards.bulk.start import plan_of
from backend.imaging.models import Case


class AssignForm(GiveForm):
    """To whom, how many each, until when: the draw of the page of assignments without its other ways."""

    def __init__(self, data: dict | None, *, cohort: Cohort) -> None:
        super().__init__(data, cohort=cohort, readers_per_case=current_rules(cohort).readers_per_case)
        for name in ("way", "seed"):
            del self.fields[name]
        self.fields["readers_per_case"].label = "Readers per case"

    def clean(self) -> dict:
        values = super().clean()
        readers, wanted = values.get("readers"), values.get("readers_per_case")
        if readers is not None and wanted and wanted > len(readers):
            raise forms.ValidationError(f"Choose at least {wanted} readers, or fewer readers per case.")
        return values


def plan_assignments(cohort: Cohort, patients: list[Patient]) -> Plan:
    wanted = current_rules(cohort).readers_per_case

    def why_not(cases: list[Case]) -> dict:
        given = Q(
            assignments__target=Target.TUMOUR,
            assignments__withdrawn_at__isnull=True,
            assignments__purpose=Purpose.READING,
        )
        rows = Case.objects.filter(pk__in=[case.pk for case in cases]).annotate(
            given=Count("assignments", filter=given, distinct=True)
        )
        full = rows.filter(given__gte=wanted).values_list("pk", flat=True)
        return dict.fromkeys(full, f"{wanted} readers have the case already")

    return plan_of(cohort, patients, why_not)


def give(
    cohort: Cohort,
    cases: list[Case],
    *,
    actor: User,
    readers: list[User],
    target: str,
    readers_per_case: int,
    due_on: date | None,
) -> tuple[int, dict[str, list[str]]]:
    count = assign_balanced(
        cohort=cohort,
        readers=list(readers),
        cases=cases,
        readers_per_case=readers_per_case,
        target=target,
        actor=actor,
        due_on=due_on,
    )
    return count, {}
