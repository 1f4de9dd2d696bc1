"""The landing page (one's cohorts), a cohort's front door, and setting up a new one."""

from django.contrib import messages
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from backend.accounts.access import SIGNED_IN
from backend.cohorts.access import cohort_view, visible_cohorts
from backend.cohorts.member_filters import CohortFilter
from backend.cohorts.member_forms import CohortForm
from backend.cohorts.models import Cohort, Membership, PatientState, Role
from backend.cohorts.services import create_cohort
from backend.core.access import declare
from backend.core.errors import Conflict
from backend.core.lists import list_context
from backend.core.navigation import cohort_links


@declare(SIGNED_IN)
def cohort_list(request: HttpRequest) -> HttpResponse:
    """The cohorts that the person is a member of, with their own roles and the number of patients."""
    limit = Membership.objects.filter(cohort=OuterRef("pk"), user=request.user).values("centre")[:1]
    seen = Q(own_limit__isnull=True) | Q(patients__centre=F("own_limit"))
    included = seen & Q(patients__enrolment__state=PatientState.INCLUDED)
    mine = Cohort.objects.filter(pk__in=visible_cohorts(request.user).values("pk")).annotate(own_limit=Subquery(limit))
    rows = mine.annotate(
        patient_count=Count("patients", filter=seen, distinct=True),
        included_count=Count("patients", filter=included, distinct=True),
    ).order_by("name")
    context = list_context(request, CohortFilter(request.GET, rows))
    roles = _own_roles(request, [cohort.pk for cohort in context["page"]])
    for cohort in context["page"]:
        cohort.own_roles = roles.get(cohort.pk, [])
    return render(request, "cohorts/cohort_list.html", context)


def _own_roles(request: HttpRequest, cohort_ids: list) -> dict:
    roles: dict = {}
    held = Membership.objects.filter(user=request.user, cohort__in=cohort_ids).order_by("role")
    for cohort_id, role in held.values_list("cohort_id", "role"):
        roles.setdefault(cohort_id, []).append(Role(role).label)
    return roles


@cohort_view()
def cohort_home(request: HttpRequest) -> HttpResponse:
    """Goes to the first page of the cohort that the person's roles open: each starts where their work is."""
    links = cohort_links(request.cohort.slug, request.roles, of_one_centre=bool(request.centre_limit))
    if links:
        return redirect(links[0].url)
    return render(request, "cohorts/cohort_home.html")


@declare(SIGNED_IN)
def cohort_create(request: HttpRequest) -> HttpResponse:
    """A new cohort with the paper's protocol; its maker becomes its coordinator."""
    form = CohortForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            cohort = create_cohort(actor=request.user, **form.cleaned_data)
        except Conflict as error:
            form.add_error("slug", str(error))
        else:
            messages.success(
                request, f"{cohort.name} is set up with the published protocol. Add the people who work on it."
            )
            return redirect("cohorts:members", slug=cohort.slug)
    return render(request, "cohorts/cohort_form.html", {"form": form})
