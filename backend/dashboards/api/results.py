"""What the API views of results share: who may, and that nobody with a reading to hand in sees any of them."""

from django.db.models import QuerySet
from rest_framework.request import Request

from backend.cohorts.access import CohortPermission
from backend.core.access import AccessRule, Audience
from backend.dashboards.results_access import MAY_SEE_RESULTS, require_nothing_withheld
from backend.experiments.staleness import attach_staleness


class ResultView:
    """Mixed into API views."""

    access_rule = AccessRule(audience=Audience.COHORT, roles=MAY_SEE_RESULTS, blinded=True)
    permission_classes = [CohortPermission]

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """The blinding comes after sign-in and membership: outside the cohort nobody learns that it exists."""
        super().initial(request, *args, **kwargs)
        require_nothing_withheld(request.user, self.cohort)


class StaleRows:
    """Mixed into lists of results: each row of the page says whether it is stale, in a constant number of queries."""

    def paginate_queryset(self, queryset: QuerySet) -> list:
        page = super().paginate_queryset(queryset)
        attach_staleness(page)
        return page
