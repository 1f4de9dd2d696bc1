"""Rows of a clinical table against what is known: what would change, what cannot be, and writing it, whole or not."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backend.accounts.models import User
from backend.audit.services import audits_together, record_audit
from backend.cohorts.centres import centre_named, set_centre
from backend.cohorts.clinical_records import CLINICAL_FIELDS, changed_values, make_record
from backend.cohorts.clinical_rules import contradictions
from backend.cohorts.eligibility_log import evaluate_patients
from backend.cohorts.models import ClinicalRecord, Cohort, Enrolment, Patient, PatientState
from backend.cohorts.selectors import newest_clinical_records
from backend.cohorts.services import meet_patient

SOURCE = "import"
_RECORDS_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class ImportedPatient:
    """What the table means for one patient: ``changed`` names the clinical values that differ from what is known.

    ``overwritten`` are those of them that were known and become another value.
    """

    pseudonym: str
    is_new: bool
    changed: list[str]
    overwritten: list[str]


@dataclass(frozen=True, kw_only=True)
class Known:
    """The patients of a table's rows who exist, by pseudonym, and their newest records."""

    patients: dict[str, Patient]
    records: dict[UUID, ClinicalRecord]

    def newest(self, pseudonym: str) -> ClinicalRecord | None:
        patient = self.patients.get(pseudonym)
        return self.records.get(patient.pk) if patient else None


def known_of(cohort: Cohort, rows: Iterable[Any]) -> Known:
    """``rows`` are worker.compute.clinical.table.ClinicalRow, here and below."""
    pseudonyms = [row.pseudonym for row in rows]
    found = Patient.objects.filter(cohort=cohort, pseudonym__in=pseudonyms).select_related("cohort", "centre")
    patients = {patient.pseudonym: patient for patient in found}
    return Known(patients=patients, records=newest_clinical_records(patients.values()))


def without_withdrawn(cohort: Cohort, rows: Iterable[Any]) -> list[Any]:
    """The rows but for patients who withdrew: nothing of them is taken in again."""
    gone = Enrolment.objects.filter(patient__cohort=cohort, state=PatientState.WITHDRAWN)
    pseudonyms = set(gone.values_list("patient__pseudonym", flat=True))
    return [row for row in rows if row.pseudonym not in pseudonyms]


def preview_clinical(cohort: Cohort, rows: Iterable[Any], *, known: Known | None = None) -> list[ImportedPatient]:
    """What recording these rows would do."""
    rows = list(rows)
    known = known or known_of(cohort, rows)
    return [_preview(row, known) for row in rows]


def _preview(row: Any, known: Known) -> ImportedPatient:
    changes = changed_values(known.newest(row.pseudonym), row.clinical)
    return ImportedPatient(
        pseudonym=row.pseudonym,
        is_new=row.pseudonym not in known.patients,
        changed=sorted(changes),
        overwritten=sorted(name for name, (old, _) in changes.items() if old not in (None, "")),
    )


def row_contradictions(cohort: Cohort, rows: Iterable[Any]) -> list[tuple[int, str, str]]:
    """(row number, field, why it cannot be) where a row contradicts itself or, with what it changes, what is known."""
    rows = list(rows)
    known, found = known_of(cohort, rows), []
    for row in rows:
        newest = known.newest(row.pseudonym)
        if not changed_values(newest, row.clinical):
            continue
        before = {name: getattr(newest, name) for name in CLINICAL_FIELDS} if newest else {}
        found += [(row.row_number, *problem) for problem in contradictions({**before, **row.clinical})]
    return found


def record_clinical_import(
    cohort: Cohort, rows: Iterable[Any], *, actor: User | None, reason: str = ""
) -> list[ImportedPatient]:
    """Writes the rows, meets patients who are new, and evaluates whoever changed. Must run inside ``completing``."""
    rows = list(rows)
    # Two imports at once would each compare with the same old records.
    Cohort.objects.select_for_update().get(pk=cohort.pk)
    with audits_together():
        outcome = preview_clinical(cohort, rows)
        for imported in outcome:
            if imported.is_new:
                meet_patient(cohort=cohort, pseudonym=imported.pseudonym, actor=actor)
        known = known_of(cohort, rows)
        _append_records(known, rows, actor=actor, reason=reason)
        _name_centres(cohort, known, rows, actor=actor, reason=reason)
        touched = [known.patients[row.pseudonym] for row in outcome if row.changed or row.is_new]
        evaluate_patients(cohort, touched, actor=actor)
        counts = {"rows": len(rows), "new": sum(row.is_new for row in outcome), "changed": len(touched)}
        record_audit(
            action="clinical.import", subject=cohort, actor=actor, cohort_uuid=cohort.pk, after=counts, reason=reason
        )
    return outcome


def _append_records(known: Known, rows: list[Any], *, actor: User | None, reason: str) -> None:
    made = [
        make_record(
            patient=known.patients[row.pseudonym],
            newest=known.newest(row.pseudonym),
            values=row.clinical,
            source=SOURCE,
            actor=actor,
            reason=reason,
        )
        for row in rows
    ]
    ClinicalRecord.objects.bulk_create([record for record in made if record], batch_size=_RECORDS_AT_ONCE)


def _name_centres(cohort: Cohort, known: Known, rows: list[Any], *, actor: User | None, reason: str) -> None:
    centres = {name: centre_named(cohort, name, actor=actor) for name in {row.centre for row in rows if row.centre}}
    for row in rows:
        if row.centre:
            patient, centre = known.patients[row.pseudonym], centres[row.centre]
            set_centre(patient=patient, centre=centre, actor=actor, reason=reason)
