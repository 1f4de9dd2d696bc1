"""Questions about feature sets."""

from django.db.models import QuerySet

from backend.features.models import FeatureSet, Source
from backend.imaging.models import Case


def current_feature_sets(cases: QuerySet[Case], *, roi: str = "consensus") -> QuerySet[FeatureSet]:
    """The newest FeatureSet of every case and source, in one query."""
    return (
        FeatureSet.objects.filter(case__in=cases, roi=roi)
        .select_related("recipe", "case__patient")
        .order_by("case_id", "source", "-created_at")
        .distinct("case_id", "source")
    )


def sources_of(case: Case, *, roi: str = "consensus") -> dict[str, FeatureSet | None]:
    """The four sources of a case, None where nothing was extracted yet."""
    found = {row.source: row for row in current_feature_sets(Case.objects.filter(pk=case.pk), roi=roi)}
    return {source: found.get(source) for source in Source.values}
