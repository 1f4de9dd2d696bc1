"""One figure of a cohort, for who may see it."""

from uuid import UUID

from backend.cohorts.models import Cohort
from backend.core.errors import Forbidden, NotFound
from backend.dashboards.results_access import MAY_SEE_PREDICTIONS
from backend.experiments.models import ExperimentKind, Figure


def figure_of(cohort: Cohort, figure_id: UUID, roles: frozenset[str]) -> Figure:
    """Raises NotFound; Forbidden for a figure of predictions where the roles see labels alone."""
    figure = Figure.objects.filter(experiment__cohort=cohort, pk=figure_id).select_related("experiment").first()
    if figure is None:
        raise NotFound("There is no such figure in this cohort.")
    if figure.experiment.kind != ExperimentKind.SUMMARY and not roles & MAY_SEE_PREDICTIONS:
        raise Forbidden("Figures of models are not shown to who reads p53.")
    return figure
