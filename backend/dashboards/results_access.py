"""Who may open pages that show results of many patients at once: by role, and nobody who still has a case to read."""

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from backend.accounts.models import User
from backend.cohorts.access import cohort_view
from backend.cohorts.models import Cohort, Role
from backend.core.errors import Forbidden
from backend.dashboards.withholding import WITHHELD, withholds_details

MAY_START = frozenset({Role.COORDINATOR, Role.ANALYST})
# Not who reads p53: results name the labels, which are others' reads of patients that a pathologist may still have to
# read, and what a model makes of them.
MAY_SEE_RESULTS = frozenset({*MAY_START, Role.ADJUDICATOR})


def require_nothing_withheld(user: User, cohort: Cohort) -> None:
    """Raises Forbidden for a person who has a reading to hand in: results name every case, and denial beats role."""
    if withholds_details(user, cohort):
        raise Forbidden(f"The results of this cohort are hidden from you. {WITHHELD}")


def results_view(roles: frozenset[str] = MAY_SEE_RESULTS) -> Callable:
    """``cohort_view`` for pages of results."""

    def decorate(view: Callable) -> Callable:
        @functools.wraps(view)
        def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            require_nothing_withheld(request.user, request.cohort)
            return view(request, *args, **kwargs)

        return cohort_view(*roles, blinded=True)(shown)

    return decorate
