"""A person's own page: name, API token."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from rest_framework.authtoken.models import Token

from backend.accounts.access import SIGNED_IN
from backend.accounts.forms import ProfileForm
from backend.accounts.services import create_api_token, revoke_api_token
from backend.core.access import declare


@declare(SIGNED_IN)
@never_cache
def profile(request: HttpRequest) -> HttpResponse:
    """Name and e-mail, and whether there is an API token."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your profile is saved.")
        return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"form": form, "token": _token_of(request)})


@declare(SIGNED_IN)
@never_cache
@require_POST
def token_create(request: HttpRequest) -> HttpResponse:
    """Shows the new token this once; afterwards only that it exists."""
    key = create_api_token(request.user)
    context = {"form": ProfileForm(instance=request.user), "token": _token_of(request), "new_key": key}
    return render(request, "accounts/profile.html", context)


@declare(SIGNED_IN)
@require_POST
def token_revoke(request: HttpRequest) -> HttpResponse:
    revoke_api_token(request.user)
    messages.success(request, "Your API token no longer works.")
    return redirect("accounts:profile")


def _token_of(request: HttpRequest) -> Token | None:
    return Token.objects.filter(user=request.user).first()
