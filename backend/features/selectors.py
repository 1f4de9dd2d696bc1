"""Questions about feature sets."""

from django.db.models import QuerySet

from backend.cohorts.models import Cohort
from backend.features.models import FeatureSet, Source
from backend.imaging.models import Case


def current_feature_sets(cases: QuerySet[Case], *, roi: str = "consensus") -> QuerySet[FeatureSet]:
    """The newest FeatureSet of every case and source, in one query."""
    return (
        FeatureSet.objects.filter(case__in=cases, roi=roi)
        .select_related("recipe", "case__patient", "consensus")
        .order_by("case_id", "source", "-recorded_at")
        .distinct("case_id", "source")
    )


def feature_names_by_source(cohort: Cohort) -> dict[str, list[str]]:
    """The names of each source's newest extraction, in the paper's order; a source without features is left out."""
    extracted = FeatureSet.objects.filter(case__patient__cohort=cohort, roi="consensus", values__isnull=False)
    newest = extracted.select_related("recipe").defer("values").order_by("source", "-recorded_at").distinct("source")
    found = {row.source: row.recipe.feature_names for row in newest}
    return {source: found[source] for source in Source.values if source in found}


def sources_of(case: Case, *, roi: str = "consensus") -> dict[str, FeatureSet | None]:
    """The four sources of a case, None where nothing was extracted yet."""
    found = {row.source: row for row in current_feature_sets(Case.objects.filter(pk=case.pk), roi=roi)}
    return {source: found.get(source) for source in Source.values}
