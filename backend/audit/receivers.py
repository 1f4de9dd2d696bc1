"""What happens to accounts goes into the audit trail too."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver

from backend.accounts.signals import account_changed
from backend.audit.services import record_audit


@receiver(account_changed)
def record_account_change(sender: Any, *, user: Any, actor: Any, action: str, after: dict, **_: Any) -> None:
    record_audit(action=action, subject=user, actor=actor, after=after)


@receiver(user_logged_in)
def record_sign_in(sender: Any, *, user: Any, **_: Any) -> None:
    record_audit(action="account.sign_in", subject=user, actor=user)


@receiver(user_logged_out)
def record_sign_out(sender: Any, *, user: Any, **_: Any) -> None:
    if user is not None:
        record_audit(action="account.sign_out", subject=user, actor=user)
