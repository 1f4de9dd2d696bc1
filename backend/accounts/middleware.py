"""A visitor without an account sees the sign-in page and nothing else."""

from collections.abc import Callable
from urllib.parse import urlencode

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse

from backend.core.access import Audience

# Sign-in, sign-out and single sign-on; the API answers 401 by itself so that a client is not sent to a page.
_OPEN_PREFIXES = ("/accounts/", "/static/", "/api/")


class SignInRequiredMiddleware:
    """Redirects anonymous requests to the sign-in page unless the view is declared public."""

    async_capable = True
    sync_capable = True

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if iscoroutinefunction(self.get_response):
            return self._call_async(request)
        if self._must_be_signed_in(request) and not request.user.is_authenticated:
            return _to_sign_in(request)
        return self.get_response(request)

    async def _call_async(self, request: HttpRequest) -> HttpResponse:
        if self._must_be_signed_in(request) and not (await request.auser()).is_authenticated:
            return _to_sign_in(request)
        return await self.get_response(request)

    @staticmethod
    def _must_be_signed_in(request: HttpRequest) -> bool:
        if request.path.startswith(_OPEN_PREFIXES):
            return False
        try:
            view = resolve(request.path_info).func
        except Resolver404:
            return True
        rule = getattr(view, "access_rule", None) or getattr(getattr(view, "view_class", None), "access_rule", None)
        return rule is None or rule.audience is not Audience.PUBLIC


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("Accept", "").startswith(("application/json", "text/event-stream")):
        return HttpResponse("Sign in first.", status=401, content_type="text/plain")
    target = request.get_full_path() if request.method == "GET" else "/"
    return redirect(f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': target}, safe='/')}")
