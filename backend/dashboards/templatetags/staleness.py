"""The mark of a result that stands on something that counts no longer: the same on every page."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backend.cohorts.models import DatasetVersion
from backend.core.templatetags.petra import state_class
from backend.experiments.kept_staleness import attach_kept_staleness
from backend.experiments.models import Experiment
from backend.experiments.staleness import Result, staleness_of

register = template.Library()


@register.simple_tag
def stale_badge(result: Result | None) -> SafeString | str:
    """``stale: consensus of 2 cases was reopened on 2026-11-24``; nothing where the result is current."""
    if not result:
        return ""
    if isinstance(result, DatasetVersion | Experiment) and not hasattr(result, "staleness"):
        attach_kept_staleness(result.cohort_id, [result])
    staleness = staleness_of(result)
    if not staleness:
        return ""
    return format_html('<span class="state {}">stale: {}</span>', state_class("stale"), "; ".join(staleness.sentences))
