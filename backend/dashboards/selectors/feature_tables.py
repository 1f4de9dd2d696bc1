"""Features as their pages show them: coverage of the sources, recipes, and the values of one case."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from backend.cohorts.models import Cohort, PatientState
from backend.core.errors import NotFound
from backend.features.models import FeatureSet, Recipe, Source
from backend.features.selectors import current_feature_sets
from backend.imaging.models import Case

ROIS = {"consensus": "Consensus ROI", "automatic": "Automatic ROI"}


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """One source: how many cases have features, how many a reason, how many nothing yet."""

    source: str
    title: str
    with_features: int
    with_reason: int
    waiting: int
    unsigned: int


def feature_sets_of(cohort: Cohort, *, roi: str = "consensus") -> QuerySet[FeatureSet]:
    """The newest set of every case and source without its values, ready to be filtered and paged."""
    newest = current_feature_sets(Case.objects.filter(patient__cohort=cohort), roi=roi).order_by(
        "case_id", "source", "-recorded_at"
    )
    rows = FeatureSet.objects.filter(pk__in=newest.values("pk"))
    rows = rows.select_related("case__patient__centre", "recipe", "consensus")
    return rows.defer("values", "recipe__feature_names").order_by("case__patient__pseudonym", "source")


def coverage(cohort: Cohort, *, roi: str = "consensus") -> list[Coverage]:
    """All four sources over the included patients' cases, counted in the database."""
    included = Case.objects.filter(patient__cohort=cohort, patient__enrolment__state=PatientState.INCLUDED)
    total = included.count()
    newest = current_feature_sets(included, roi=roi).select_related(None).values("pk")
    rows = FeatureSet.objects.filter(pk__in=newest).order_by().values_list("source", "is_unsigned_rule")
    counted = rows.annotate(done=Count("pk", filter=Q(reason="")), refused=Count("pk", filter=~Q(reason="")))
    done, refused, unsigned = Counter(), Counter(), Counter()
    for source, by_rule, with_values, with_reason in counted:
        done[source] += with_values
        refused[source] += with_reason
        unsigned[source] += with_values if by_rule else 0
    return [
        Coverage(
            source=source.value,
            title=source.label,
            with_features=done[source],
            with_reason=refused[source],
            waiting=total - done[source] - refused[source],
            unsigned=unsigned[source],
        )
        for source in Source
    ]


def recipes_of(cohort: Cohort) -> list[Recipe]:
    """The recipes that the cohort's features were made by, newest first, with how many sets each has."""
    used = Recipe.objects.filter(feature_sets__case__patient__cohort=cohort)
    return list(used.annotate(set_count=Count("feature_sets")).order_by("-created_at"))


def recipe_of(cohort: Cohort, recipe_id: object) -> Recipe:
    """Raises NotFound for a recipe that no feature set of the cohort was made by."""
    recipe = Recipe.objects.filter(pk=recipe_id, feature_sets__case__patient__cohort=cohort).first()
    if recipe is None:
        raise NotFound("There is no such recipe in this cohort.")
    return recipe


def feature_set_of(cohort: Cohort, feature_set_id: object) -> FeatureSet:
    """One set with its values. Raises NotFound."""
    rows = FeatureSet.objects.filter(case__patient__cohort=cohort, pk=feature_set_id)
    found = rows.select_related("case__patient", "recipe", "mask", "consensus").first()
    if found is None:
        raise NotFound("There are no such features in this cohort.")
    return found


def value_rows(feature_set: FeatureSet) -> list[dict]:
    """Each feature with its image, class and value; empty where the set has a reason instead."""
    if feature_set.values is None:
        return []
    rows = []
    for name, value in zip(feature_set.recipe.feature_names, feature_set.values, strict=True):
        image, feature_class, feature = name.split("_", 2)
        rows.append({"name": name, "image": image, "class": feature_class, "feature": feature, "value": value})
    return rows
