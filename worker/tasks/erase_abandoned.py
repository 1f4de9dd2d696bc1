"""Deliveries that were left behind, and photographs whose erasure a dying process left half done, by beat."""

from celery import current_app

from backend.cohorts.clinical_tables import erase_left_behind
from backend.imaging.services.discarding import erase_abandoned_uploads
from backend.pathology.services.erasing import finish_erasing


@current_app.task(name="worker.erase_abandoned_uploads", time_limit=600)
def erase_abandoned() -> None:
    """Not a job kind: it computes nothing and has no row of its own."""
    erase_abandoned_uploads()
    erase_left_behind()
    finish_erasing()
