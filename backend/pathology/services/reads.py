"""Signing p53 reads: append-only, a correction supersedes, a second pathologist's read stands beside the first."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from backend.accounts.models import User
from backend.audit.services import record_audit
from backend.cohorts.models import Cohort, Patient
from backend.cohorts.services import current_rules
from backend.core.errors import Conflict, InvalidInput
from backend.pathology.models import IhcProposal, IhcRead, P53Pattern, Specimen
from backend.pathology.selectors import ReadState, current_reads, read_state, rule_of

IMPORT_SOURCE = "import"
READ_FIELDS = ("percent_stained", "intensity", "pattern", "internal_control_present", "comment")


def sign_read(
    *, patient: Patient, reader: User, values: dict[str, Any], proposal: IhcProposal | None = None
) -> IhcRead:
    """Keeps a read. The reader's own earlier one is superseded; a correction that changes nothing is refused.

    Two pathologists read each stain; a third only where they disagree. ``proposal`` is the count that the reader saw.
    """
    if proposal and (proposal.requested_by_id, proposal.photograph.specimen.patient_id) != (reader.pk, patient.pk):
        raise InvalidInput("The count belongs to another person or patient: choose one of your own.")
    with transaction.atomic():
        Patient.objects.select_for_update().get(pk=patient.pk)
        reads = current_reads([patient]).get(patient.pk, [])
        earlier = next((read for read in reversed(reads) if read.reader_id == reader.pk), None)
        if earlier and not _differs(earlier, values):
            raise Conflict("This is what you signed already; change a value to correct it.")
        if earlier is None:
            _require_wanted(read_state(rule_of(current_rules(patient.cohort)), reads))
        return _append(
            patient=patient, reader=reader, values=values, source="form", supersedes=earlier, proposal=proposal
        )


def _require_wanted(state: ReadState) -> None:
    if state == ReadState.SETTLED:
        raise Conflict("Two pathologists have read this stain and it is settled: no further read is needed.")


def record_imported_reads(cohort: Cohort, rows: Iterable[Any], *, actor: User | None) -> int:
    """Keeps the p53 columns of a clinical table where they differ from its last import; returns how many.

    ``rows`` are worker.compute.clinical_table.ClinicalRow of patients who exist. Must run inside ``completing``.
    """
    given = {row.pseudonym: row for row in rows if row.ihc}
    patients = list(Patient.objects.filter(cohort=cohort, pseudonym__in=given).select_related("cohort"))
    reads, kept = current_reads(patients), 0
    for patient in patients:
        row = given[patient.pseudonym]
        imported = [read for read in reads.get(patient.pk, []) if read.source == IMPORT_SOURCE]
        earlier = imported[-1] if imported else None
        if earlier is None or _differs(earlier, row.ihc):
            merged = {**(_values(earlier) if earlier else {}), **row.ihc}
            collected = row.clinical.get("biopsy_date")
            _append(
                patient=patient,
                reader=None,
                values=merged,
                source=IMPORT_SOURCE,
                supersedes=earlier,
                actor=actor,
                collected_on=collected,
            )
            kept += 1
    return kept


def count_new_reads(cohort: Cohort, rows: Iterable[Any]) -> int:
    """How many reads recording these rows would add."""
    rows = [row for row in rows if row.ihc]
    patients = Patient.objects.filter(cohort=cohort, pseudonym__in=[row.pseudonym for row in rows])
    ids = dict(patients.values_list("pseudonym", "pk"))
    reads = current_reads(list(ids.values()))
    return sum(not _imported_same(reads.get(ids.get(row.pseudonym), []), row.ihc) for row in rows)


def _imported_same(reads: list[IhcRead], values: dict) -> bool:
    imported = [read for read in reads if read.source == IMPORT_SOURCE]
    return bool(imported) and not _differs(imported[-1], values)


def check_read(values: dict[str, Any]) -> None:
    """Refuses what contradicts itself."""
    if values.get("pattern") == P53Pattern.NULL and values.get("internal_control_present") is not True:
        raise InvalidInput(
            "A null pattern needs a positive internal control: without one the stain may simply have failed."
        )


def specimen_of(patient: Patient, *, collected_on: Any = None) -> Specimen:
    """The patient's specimen, made when it is first needed."""
    specimen = Specimen.objects.filter(patient=patient).order_by("created_at").first()
    return specimen or Specimen.objects.create(patient=patient, collected_on=collected_on)


def _values(read: IhcRead) -> dict[str, Any]:
    return {name: getattr(read, name) for name in READ_FIELDS}


def _differs(read: IhcRead, values: dict[str, Any]) -> bool:
    return any(getattr(read, name) != value for name, value in values.items())


def _append(
    *,
    patient: Patient,
    reader: User | None,
    values: dict[str, Any],
    source: str,
    supersedes: IhcRead | None,
    actor: User | None = None,
    collected_on: Any = None,
    proposal: IhcProposal | None = None,
) -> IhcRead:
    check_read(values)
    read = IhcRead(
        specimen=supersedes.specimen if supersedes else specimen_of(patient, collected_on=collected_on),
        reader=reader,
        source=source,
        supersedes=supersedes,
        proposal=proposal,
        **values,
    )
    try:
        read.clean_fields(exclude=["specimen", "reader", "supersedes", "proposal"])
    except ValidationError as error:
        raise InvalidInput(
            " ".join(f"{name}: {' '.join(text)}" for name, text in error.message_dict.items())
        ) from error
    read.save(force_insert=True)
    record_audit(
        action="ihc.correct" if supersedes else "ihc.sign" if reader else "ihc.import",
        subject=read,
        actor=reader or actor,
        cohort_uuid=patient.cohort_id,
        before=_audited(_values(supersedes)) if supersedes else {},
        after={"patient": patient.pseudonym, **_audited(values), **_considered(proposal)},
    )
    return read


def _considered(proposal: IhcProposal | None) -> dict[str, Any]:
    """What was proposed, beside what was entered."""
    if proposal is None:
        return {}
    return {"proposal": str(proposal.pk), "proposed_percent": proposal.percent_positive}


def _audited(values: dict[str, Any]) -> dict[str, Any]:
    """A comment can hold anything; that there is one is enough for the trail."""
    return {name: value for name, value in values.items() if name != "comment"}
