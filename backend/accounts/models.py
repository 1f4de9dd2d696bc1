"""People who sign in. What they may do in a cohort is their Membership there; administrators are superusers."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """An account; ``display_name`` is what colleagues read."""

    display_name = models.CharField(max_length=120, blank=True)

    @property
    def shown_name(self) -> str:
        return self.display_name or self.username


class ViewerSettings(models.Model):
    """How a person has set up the viewer; ``values`` is what ViewerSettingsSerializer accepts."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="viewer_settings")
    values = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)
