"""People and their roles."""

from itertools import count

from backend.accounts.models import User
from backend.cohorts.models import Cohort, Membership, Role
from backend.cohorts.services import create_cohort

_number = count(1)


def make_user(username: str = "", **values) -> User:
    username = username or f"person{next(_number)}"
    return User.objects.create_user(username=username, password="a long enough phrase", **values)


def make_cohort(slug: str = "", **values) -> Cohort:
    slug = slug or f"cohort{next(_number)}"
    return create_cohort(slug=slug, name=slug.title(), actor=None, **values)


def make_member(cohort: Cohort, *roles: str, username: str = "") -> User:
    """A person with the given roles in the cohort."""
    user = make_user(username)
    for role in roles:
        Membership.objects.create(cohort=cohort, user=user, role=role)
    return user


def one_member_per_role(cohort: Cohort) -> dict[str, User]:
    return {role: make_member(cohort, role) for role in Role.values}
