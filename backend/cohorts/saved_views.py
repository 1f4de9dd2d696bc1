"""Keeping a list's filters and columns under a name, for oneself or for everybody who may open that list."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict

from backend.accounts.models import User
from backend.cohorts.models import Cohort, Role, SavedView
from backend.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from backend.core.navigation import address, may_open

LONGEST_QUERY = 2000
# What belongs to one visit and not to the view.
_NOT_KEPT = ("page", "export", "csrfmiddlewaretoken")


def views_of(user: User, cohort: Cohort, page: str) -> QuerySet[SavedView]:
    """One's own views of a list and those that others share, by name."""
    rows = SavedView.objects.filter(Q(owner=user) | Q(is_shared=True), cohort=cohort, page=page)
    return rows.select_related("owner").order_by("name", "created_at")


def save_view(
    *, user: User, cohort: Cohort, roles: frozenset[str], page: str, name: str, query: str, is_shared: bool
) -> SavedView:
    """Keeps a view; a second one under the same name of the same list takes the first one's place."""
    where = address(page, slug=cohort.slug)
    if not where or not may_open(where, roles):
        raise InvalidInput("There is no such list: load the page again.")
    name = " ".join(name.split())
    if not name or len(name) > SavedView._meta.get_field("name").max_length:
        raise InvalidInput("Give the view a name of at most 60 characters.")
    values = {"query": kept_query(query), "is_shared": is_shared}
    view, _ = SavedView.objects.update_or_create(cohort=cohort, owner=user, page=page, name=name, defaults=values)
    return view


def kept_query(query: str) -> str:
    """The filters and columns of an address without what belongs to one visit."""
    if len(query) > LONGEST_QUERY:
        raise Conflict("These filters are too long to be kept.")
    values = QueryDict(query, mutable=True)
    for name in _NOT_KEPT:
        values.pop(name, None)
    return "&".join(sorted(QueryDict(values.urlencode()).urlencode().split("&")))


def delete_view(*, user: User, cohort: Cohort, roles: frozenset[str], view_id: UUID) -> SavedView:
    """One's own view; a coordinator may also take away one that is shared."""
    view = views_in(cohort).filter(pk=view_id).first()
    if view is None or not (view.is_shared or view.owner_id == user.pk):
        raise NotFound("There is no such view in this cohort.")
    if view.owner_id != user.pk and Role.COORDINATOR not in roles:
        raise Forbidden("Only who made this view or a coordinator can delete it.")
    view.delete()
    return view


def views_in(cohort: Cohort) -> QuerySet[SavedView]:
    return SavedView.objects.filter(cohort=cohort)
