"""Pages that belong to no app: errors and the health check."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from backend.core.access import AccessRule, Audience, declare


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page that was left open too long: says so and offers to load it again."""
    context = {"message": "This form was open too long. Load the page again and repeat the last step.", "status": 403}
    return render(request, "errors/domain_error.html", context, status=403)


@declare(AccessRule(audience=Audience.PUBLIC))
def health(request: HttpRequest) -> JsonResponse:
    """Answers once the web process reaches its database; says nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
