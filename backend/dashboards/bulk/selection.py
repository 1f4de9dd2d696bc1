"""The patients that were chosen on the board: by ticks, or everybody who matches the filters."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, QueryDict

from backend.annotations.blinding import blinded_patient_ids
from backend.cohorts.models import Patient
from backend.cohorts.services import current_rules
from backend.core.errors import Conflict, InvalidInput
from backend.dashboards.board_filters import BoardFilter
from backend.dashboards.selectors.board import board_patients

CHANGED = "The patients that match have changed since you looked: choose once more."


@dataclass(frozen=True, kw_only=True)
class Selection:
    """``blinded_count`` patients were chosen whom the person has still to read; nothing is done to those."""

    patients: list[Patient]
    blinded_count: int
    query: str
    is_everybody: bool

    @property
    def digest(self) -> str:
        """The same for the same patients."""
        keys = "".join(sorted(str(patient.pk) for patient in self.patients))
        return hashlib.sha256(keys.encode()).hexdigest()

    @property
    def identifiers(self) -> str:
        """For the form that confirms; empty where everybody was chosen, who are found again by the filters."""
        return "" if self.is_everybody else ",".join(str(patient.pk) for patient in self.patients)


def selection_of(request: HttpRequest) -> Selection:
    """From ``patient`` (identifiers, several fields or commas), or ``everybody`` with the ``query`` of the board.

    Raises InvalidInput where nothing is chosen, Conflict where it is no longer what ``digest`` says.
    """
    blinded = blinded_patient_ids(request.user, request.cohort)
    query = request.POST.get("query", "")
    is_everybody = request.POST.get("everybody") == "1"
    rules = current_rules(request.cohort)
    rows = board_patients(request.cohort)
    if is_everybody:
        rows = BoardFilter(QueryDict(query), rows, cohort=request.cohort, rules=rules, blinded=blinded).qs
    else:
        rows = rows.filter(pk__in=_identifiers(request.POST.getlist("patient")))
    chosen = list(rows)
    found = Selection(
        patients=[patient for patient in chosen if patient.pk not in blinded],
        blinded_count=sum(patient.pk in blinded for patient in chosen),
        query=query,
        is_everybody=is_everybody,
    )
    if not chosen:
        raise InvalidInput("Choose at least one patient.")
    if request.POST.get("digest", found.digest) != found.digest:
        raise Conflict(CHANGED)
    return found


def _identifiers(values: list[str]) -> list[UUID]:
    try:
        return [UUID(word) for value in values for word in value.split(",") if word]
    except ValueError as error:
        raise InvalidInput("The form holds something that is not a patient of PETRA: load the page again.") from error
