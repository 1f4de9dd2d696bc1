"""Pages for administrators: they manage people and read the audit trail, and see no patient by that."""

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework.permissions import BasePermission

from backend.core.access import AccessRule, Audience, declare
from backend.core.errors import Forbidden

SIGNED_IN = AccessRule(audience=Audience.SIGNED_IN)
ADMINISTRATOR = AccessRule(audience=Audience.ADMINISTRATOR)
_REFUSAL = "Only administrators may do this. Ask one of them."


def administrator_view(view: Callable) -> Callable:
    """Refuses everybody who is not an administrator."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_superuser:
            raise Forbidden(_REFUSAL)
        return view(request, *args, **kwargs)

    return declare(ADMINISTRATOR)(guarded)


class AdministratorPermission(BasePermission):
    """For API views whose ``access_rule`` names administrators."""

    def has_permission(self, request: Any, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False
        if not request.user.is_superuser:
            raise Forbidden(_REFUSAL)
        return True
