"""The secret that a cohort's pseudonyms, UIDs and date shifts are keyed by."""

import hashlib
import hmac

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from backend.cohorts.models import Cohort


def pseudonym_secret(cohort: Cohort) -> str:
    """HMAC of the cohort's salt under the platform's key: the database alone cannot find a patient again."""
    if not settings.PETRA_PSEUDONYM_KEY:
        raise ImproperlyConfigured("Set PETRA_PSEUDONYM_KEY: without it no patient can be given a pseudonym.")
    key = settings.PETRA_PSEUDONYM_KEY.encode()
    return hmac.new(key, cohort.pseudonym_salt.encode(), hashlib.sha256).hexdigest()
