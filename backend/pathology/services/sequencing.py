"""TP53 sequencing results: append-only, the newest counts, a correction names what it corrects."""

from typing import Any

from django.db import transaction

from backend.accounts.models import User
from backend.audit.services import record_audit
from backend.cohorts.models import Patient
from backend.core.errors import Conflict, InvalidInput
from backend.pathology.models import SequencingResult
from backend.pathology.selectors import current_sequencing

FIELDS = ("outcome", "variant", "method", "comment")


def record_sequencing(*, patient: Patient, actor: User | None, values: dict[str, Any]) -> SequencingResult:
    """Keeps a result. Raises Conflict where nothing differs, InvalidInput for a variant of a wild-type."""
    values = {name: values.get(name, "") for name in FIELDS}
    if values["outcome"] not in SequencingResult.Outcome.values:
        raise InvalidInput("Say whether TP53 is mutated, wild-type, or could not be evaluated.")
    if values["variant"] and values["outcome"] != SequencingResult.Outcome.MUTATED:
        raise InvalidInput("A variant was given, but TP53 is not called mutated: correct one of the two.")
    with transaction.atomic():
        Patient.objects.select_for_update().get(pk=patient.pk)
        earlier = current_sequencing([patient]).get(patient.pk)
        if earlier and all(getattr(earlier, name) == value for name, value in values.items()):
            raise Conflict("This is what is recorded already; change a value to correct it.")
        result = SequencingResult.objects.create(patient=patient, recorded_by=actor, supersedes=earlier, **values)
        record_audit(
            action="sequencing.correct" if earlier else "sequencing.record",
            subject=result,
            actor=actor,
            cohort_uuid=patient.cohort_id,
            before={"outcome": earlier.outcome, "variant": earlier.variant} if earlier else {},
            after={"patient": patient.pseudonym, "outcome": result.outcome, "variant": result.variant},
        )
    return result
