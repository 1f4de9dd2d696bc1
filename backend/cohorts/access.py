"""Membership decides. Outside a cohort nobody learns that it exists (404); inside, a missing role is said (403)."""

import functools
from collections.abc import Callable
from typing import Any
from uuid import UUID

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from rest_framework.permissions import BasePermission

from backend.accounts.models import User
from backend.cohorts.models import Cohort, Membership, Role
from backend.core.access import AccessRule, Audience, declare
from backend.core.centre_limit import set_centre_limit
from backend.core.errors import Forbidden, NotFound
from backend.core.one_centre import is_for_one_centre

ANY_MEMBER: frozenset[str] = frozenset()


def roles_in(user: User, cohort: Cohort) -> frozenset[str]:
    """The roles a person holds in a cohort; administrators manage people, they hold no role by themselves."""
    return frozenset(Membership.objects.filter(cohort=cohort, user=user).values_list("role", flat=True))


def limit_in(user: User, cohort: Cohort) -> UUID | None:
    """The centre that a person is limited to in a cohort; None where they see every centre (or are no member)."""
    rows = Membership.objects.filter(cohort=cohort, user=user, centre__isnull=False)
    return rows.values_list("centre_id", flat=True).first()


def beyond_limits(user: User, patient: str = "") -> Q:
    """For questions over all cohorts of a person: the rows that a limit hides; ``patient`` leads to the patient."""
    prefix = f"{patient}__" if patient else ""
    limits = Membership.objects.filter(user=user, centre__isnull=False).values_list("cohort_id", "centre_id")
    hidden = Q(pk__in=[])
    for cohort_id, centre_id in set(limits):
        hidden |= Q(**{f"{prefix}cohort": cohort_id}) & ~Q(**{f"{prefix}centre": centre_id})
    return hidden


def visible_cohorts(user: User):
    """The cohorts that a person may know of."""
    return Cohort.objects.filter(memberships__user=user).distinct()


def cohort_for(user: User, slug: str, roles: frozenset[str] = ANY_MEMBER) -> tuple[Cohort, frozenset[str]]:
    """The cohort and the person's roles in it; NotFound outside, Forbidden without one of ``roles``."""
    cohort, held, _ = _standing_in(user, slug)
    require_role(held, roles)
    return cohort, held


def _standing_in(user: User, slug: str) -> tuple[Cohort, frozenset[str], UUID | None]:
    """The cohort, the person's roles and their limit in it, in two queries."""
    cohort = Cohort.objects.filter(slug=slug).first()
    held = list(Membership.objects.filter(cohort=cohort, user=user).values_list("role", "centre_id")) if cohort else []
    if cohort is None or not held:
        raise NotFound("There is no cohort of this name that you can see.")
    # One limit holds for all roles; were two at odds, the narrower would count.
    limit = next((centre for _, centre in held if centre), None)
    return cohort, frozenset(role for role, _ in held), limit


def enter_cohort(request: Any, slug: str, roles: frozenset[str]) -> None:
    """Sets ``request.cohort``, ``request.roles`` and ``request.centre_limit``, and limits what the request can see.

    Raises like ``cohort_for``, and Forbidden where a person who is limited to a centre asks for the whole cohort.
    """
    request.cohort, request.roles, request.centre_limit = _standing_in(request.user, slug)
    require_role(request.roles, roles)
    if request.centre_limit and not is_for_one_centre(request.resolver_match.view_name):
        raise Forbidden("This is about all centres of the cohort, and your membership is limited to one.")
    set_centre_limit(request.centre_limit)


def require_role(held: frozenset[str], roles: frozenset[str]) -> None:
    if roles and not held & roles:
        wanted = " or ".join(sorted(Role(role).label.lower() for role in roles))
        raise Forbidden(f"This needs the role {wanted} in this cohort. A coordinator can give it to you.")


def cohort_view(*roles: str, blinded: bool = False) -> Callable:
    """For page views with ``slug`` in their address: sets ``request.cohort`` and ``request.roles``, or refuses."""
    wanted = frozenset(roles)
    rule = AccessRule(audience=Audience.COHORT, roles=wanted, blinded=blinded)

    def decorate(view: Callable) -> Callable:
        if iscoroutinefunction(view):

            @functools.wraps(view)
            async def guarded_async(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
                request.user = await request.auser()
                await sync_to_async(enter_cohort)(request, slug, wanted)
                return await view(request, *args, **kwargs)

            return declare(rule)(guarded_async)

        @functools.wraps(view)
        def guarded(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
            enter_cohort(request, slug, wanted)
            return view(request, *args, **kwargs)

        return declare(rule)(guarded)

    return decorate


class CohortPermission(BasePermission):
    """For API views with ``slug`` in their address: the roles of the view's ``access_rule``, or of ``method_rules``."""

    def has_permission(self, request: Any, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False
        rule = getattr(view, "method_rules", {}).get(request.method, view.access_rule)
        enter_cohort(request, view.kwargs["slug"], rule.roles)
        view.cohort, view.roles = request.cohort, request.roles
        return True
