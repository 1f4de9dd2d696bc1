"""Making accounts, closing them, the keys to them (reset links, API tokens), and what the viewer remembers."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.db import transaction
from django.urls import reverse
from rest_framework.authtoken.models import Token

from backend.accounts.models import User, ViewerSettings
from backend.accounts.signals import account_changed
from backend.core.errors import Conflict


def _tell(action: str, user: User, actor: User | None, **after: object) -> None:
    account_changed.send(sender=User, user=user, actor=actor, action=action, after=after)


@transaction.atomic
def create_user(
    *, username: str, actor: User | None, display_name: str = "", email: str = "", is_superuser: bool = False
) -> User:
    """An account without a password: its owner sets one by the reset link, or signs in at the hospital's sign-on."""
    if User.objects.filter(username__iexact=username).exists():
        raise Conflict(f"There is already an account called {username}; choose another name.")
    user = User(username=username, display_name=display_name, email=email, is_superuser=is_superuser)
    user.set_unusable_password()
    user.save()
    _tell("account.create", user, actor, username=username, administrator=is_superuser)
    return user


@transaction.atomic
def set_active(*, user: User, is_active: bool, actor: User) -> User:
    """Closes or opens an account; its API token ends with it. Nobody closes their own, so an administrator stays."""
    if user == actor and not is_active:
        raise Conflict("You cannot close your own account: ask another administrator.")
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    if not is_active:
        Token.objects.filter(user=user).delete()
    _tell("account.open" if is_active else "account.close", user, actor)
    return user


@transaction.atomic
def password_reset_path(*, user: User, actor: User) -> str:
    """The address at which the person sets a new password; it works once and for a limited time."""
    key = default_token_generator.make_token(user)
    _tell("account.reset_link", user, actor)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})


@transaction.atomic
def create_api_token(user: User) -> str:
    """A new API token; an older one stops working. The caller shows it once."""
    Token.objects.filter(user=user).delete()
    key = Token.objects.create(user=user).key
    _tell("account.token_create", user, user)
    return key


@transaction.atomic
def revoke_api_token(user: User) -> None:
    """Ends the person's API token."""
    Token.objects.filter(user=user).delete()
    _tell("account.token_revoke", user, user)


def viewer_settings_of(user: User) -> dict:
    """What the person's viewer remembers; empty before anything was set."""
    kept = ViewerSettings.objects.filter(user=user).first()
    return kept.values if kept else {}


def keep_viewer_settings(user: User, values: dict) -> dict:
    """Replaces what the viewer remembers. Not audited: it says nothing about a patient or a result."""
    kept, _ = ViewerSettings.objects.update_or_create(user=user, defaults={"values": values})
    return kept.values
