"""Abstract models that every app builds on."""

import uuid

from django.db import models

from backend.core.centre_limit import LimitedManager


class Identified(models.Model):
    """A row with a random identifier, so that addresses cannot be counted through."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects = LimitedManager()

    class Meta:
        abstract = True
