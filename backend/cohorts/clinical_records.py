"""Writing what is known of a patient: a change is a new record, equal values are no change."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from backend.accounts.models import User
from backend.audit.services import record_audit
from backend.cohorts.clinical_rules import contradictions
from backend.cohorts.eligibility_log import evaluate_patients
from backend.cohorts.figo import model_input_problem
from backend.cohorts.models import ClinicalRecord, Enrolment, Patient, PatientState
from backend.cohorts.selectors import newest_clinical_records
from backend.core.errors import Conflict, InvalidInput

_NOT_VALUES = {"id", "created_at", "patient", "source", "reason", "recorded_by"}
CLINICAL_FIELDS = tuple(field.name for field in ClinicalRecord._meta.fields if field.name not in _NOT_VALUES)


def record_clinical(
    *, patient: Patient, values: dict[str, Any], source: str, actor: User | None, reason: str = ""
) -> ClinicalRecord | None:
    """A new record with ``values`` over the newest one, then the criteria again; None where nothing differs."""
    with transaction.atomic():
        # Two changes at once would each be made on the same old record, and the second would undo the first.
        Patient.objects.select_for_update().get(pk=patient.pk)
        if Enrolment.objects.filter(patient=patient, state=PatientState.WITHDRAWN).exists():
            raise Conflict("The patient withdrew from the study: nothing is entered any more.")
        record = make_record(
            patient=patient,
            newest=newest_clinical_records([patient]).get(patient.pk),
            values=values,
            source=source,
            actor=actor,
            reason=reason,
        )
        if record:
            record.save(force_insert=True)
            evaluate_patients(patient.cohort, [patient], actor=actor)
    return record


def make_record(
    *,
    patient: Patient,
    newest: ClinicalRecord | None,
    values: dict[str, Any],
    source: str,
    actor: User | None,
    reason: str = "",
) -> ClinicalRecord | None:
    """The record, checked and with its audit record but not saved: the caller saves it in the same transaction."""
    changes = changed_values(newest, values)
    if not changes:
        return None
    known = {name: getattr(newest, name) for name in CLINICAL_FIELDS} if newest else {}
    record = ClinicalRecord(patient=patient, source=source, reason=reason, recorded_by=actor, **{**known, **values})
    refuse_invalid(record, changes)
    record_audit(
        action="clinical.record",
        subject=patient,
        actor=actor,
        cohort_uuid=patient.cohort_id,
        before={name: _plain(before) for name, (before, _) in changes.items()},
        after={name: _plain(after) for name, (_, after) in changes.items()},
        reason=reason,
    )
    return record


def changed_values(newest: ClinicalRecord | None, values: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """(old, new) of every value that differs from the newest record, or from nothing."""
    unknown = sorted(set(values) - set(CLINICAL_FIELDS))
    if unknown:
        raise InvalidInput(f"A clinical record has no value called {', '.join(unknown)}.")
    before = newest or ClinicalRecord()
    pairs = {name: (getattr(before, name), value) for name, value in values.items()}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def stage_input_problem(record: ClinicalRecord) -> str:
    """Why the FIGO stage of a record may be no input of a TP53 model; empty where it may."""
    return model_input_problem(cancer=record.cancer_type, edition=record.figo_edition, stage=record.figo_stage)


def clinical_history(patient: Patient) -> list[dict[str, Any]]:
    """Every record with what it changed: [{record, changes: {field: (old, new)}}], newest first."""
    records = list(patient.clinical_records.select_related("recorded_by").order_by("created_at"))
    history = []
    for before, record in zip([None, *records], records, strict=False):
        values = {name: getattr(record, name) for name in CLINICAL_FIELDS}
        history.append({"record": record, "changes": changed_values(before, values)})
    return history[::-1]


def refuse_invalid(record: ClinicalRecord, changes: Iterable[str]) -> None:
    """Raises InvalidInput where a changed value is out of range or contradicts another."""
    untouched = {field.name for field in ClinicalRecord._meta.fields} - set(changes)
    try:
        record.clean_fields(exclude=untouched)
    except ValidationError as error:
        problems = [f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items()]
        raise InvalidInput(" ".join(problems)) from error
    found = contradictions({name: getattr(record, name) for name in CLINICAL_FIELDS})
    if found:
        raise InvalidInput(" ".join(f"{name}: {sentence}." for name, sentence in found))


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | None) else str(value)
