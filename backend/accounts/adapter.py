"""Accounts are made by administrators or by the hospital's single sign-on, never by visitors."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from backend.accounts.models import User


class ClosedSignupAdapter(DefaultAccountAdapter):
    """Closes allauth's sign-up page."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class HospitalSignOnAdapter(DefaultSocialAccountAdapter):
    """Whoever the hospital's sign-on vouches for gets an account; what they may see, a coordinator decides."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return settings.PETRA_OIDC_CREATE_ACCOUNTS

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict) -> User:
        user = super().populate_user(request, sociallogin, data)
        user.display_name = data.get("name") or f"{data.get('first_name') or ''} {data.get('last_name') or ''}".strip()
        return user
