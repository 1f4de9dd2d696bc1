"""Domain errors as pages: the sentence, the status and a way on."""

from collections.abc import Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from backend.core.errors import DomainError, http_status


class DomainErrorMiddleware:
    """Renders a DomainError raised by a page as ``errors/domain_error.html`` (JSON where JSON was asked for)."""

    async_capable = True
    sync_capable = True

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        status = http_status(error)
        if request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse({"message": str(error)}, status=status)
        return render(request, "errors/domain_error.html", {"message": str(error), "status": status}, status=status)
