"""Beat is well while what it sent last has a recent date in the database; beat writes that every 3 minutes."""

import datetime
import sys

import django

django.setup()

from django.utils import timezone  # noqa: E402  (needs the settings)
from django_celery_beat.models import PeriodicTask  # noqa: E402

LONGEST_SILENCE = datetime.timedelta(minutes=10)

newest = PeriodicTask.objects.filter(last_run_at__isnull=False).order_by("-last_run_at").first()
sys.exit(0 if newest and timezone.now() - newest.last_run_at < LONGEST_SILENCE else 1)
