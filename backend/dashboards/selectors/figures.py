"""One figure of a cohort."""

from uuid import UUID

from backend.cohorts.models import Cohort
from backend.core.errors import NotFound
from backend.experiments.models import Figure


def figure_of(cohort: Cohort, figure_id: UUID) -> Figure:
    """Raises NotFound."""
    figure = (
        Figure.objects.filter(experiment__cohort=cohort, pk=figure_id)
        .select_related("experiment__dataset_version")
        .first()
    )
    if figure is None:
        raise NotFound("There is no such figure in this cohort.")
    return figure
