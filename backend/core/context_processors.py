"""What every template may use."""

from django.http import HttpRequest


def platform(request: HttpRequest) -> dict:
    """The cohort and roles that an access decorator resolved for this request, where there are any."""
    return {"cohort": getattr(request, "cohort", None), "roles": getattr(request, "roles", frozenset())}
