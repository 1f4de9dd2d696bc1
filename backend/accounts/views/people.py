"""Administrators: who has an account."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from backend.accounts.access import administrator_view
from backend.accounts.filters import UserFilter
from backend.accounts.forms import NewUserForm
from backend.accounts.models import User
from backend.accounts.services import create_user, password_reset_path, set_active
from backend.core.errors import DomainError
from backend.core.lists import list_context


@administrator_view
def user_list(request: HttpRequest) -> HttpResponse:
    filterset = UserFilter(request.GET, User.objects.order_by("username"))
    return render(request, "accounts/user_list.html", list_context(request, filterset))


@administrator_view
@never_cache
def user_create(request: HttpRequest) -> HttpResponse:
    """Makes an account and shows the link by which its owner sets a password."""
    form = NewUserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = create_user(actor=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error("username", str(error))
        else:
            return _show_link(request, user)
    return render(request, "accounts/user_form.html", {"form": form})


@administrator_view
@never_cache
@require_POST
def user_reset_password(request: HttpRequest, user_id: int) -> HttpResponse:
    return _show_link(request, get_object_or_404(User, pk=user_id))


@administrator_view
@require_POST
def user_set_active(request: HttpRequest, user_id: int) -> HttpResponse:
    """Opens or closes an account."""
    user = get_object_or_404(User, pk=user_id)
    user = set_active(user=user, is_active=request.POST.get("is_active") == "true", actor=request.user)
    state = "open" if user.is_active else "closed"
    messages.success(request, f"The account of {user.shown_name} is {state}.")
    return redirect("accounts:user_list")


def _show_link(request: HttpRequest, user: User) -> HttpResponse:
    link = request.build_absolute_uri(password_reset_path(user=user, actor=request.user))
    return render(request, "accounts/user_link.html", {"person": user, "link": link})
