"""People who sign in. What they may do in a cohort is their Membership there; administrators are superusers."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """An account; ``display_name`` is what colleagues read."""

    display_name = models.CharField(max_length=120, blank=True)

    @property
    def shown_name(self) -> str:
        return self.display_name or self.username
