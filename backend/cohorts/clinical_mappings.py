"""Mappings of columns that a cohort remembers by name."""

from django.db import transaction

from backend.accounts.models import User
from backend.audit.services import record_audit
from backend.cohorts.clinical_models import ClinicalMapping
from backend.cohorts.models import Cohort
from backend.core.errors import InvalidInput, NotFound


def remember_mapping(*, cohort: Cohort, name: str, mapping: dict, actor: User | None) -> ClinicalMapping:
    """Keeps a mapping under a name; one of the same name is replaced, and the audit trail has both."""
    name = " ".join(name.split())
    if not name or len(name) > 80:
        raise InvalidInput("A mapping needs a name of at most 80 characters.")
    with transaction.atomic():
        Cohort.objects.select_for_update().get(pk=cohort.pk)
        earlier = ClinicalMapping.objects.filter(cohort=cohort, name=name).first()
        if earlier and earlier.mapping == mapping:
            return earlier
        kept = earlier or ClinicalMapping(cohort=cohort, name=name)
        before = {"mapping": earlier.mapping} if earlier else {}
        kept.mapping, kept.updated_by = mapping, actor
        kept.save()
        record_audit(
            action="clinical_mapping.keep",
            subject=kept,
            actor=actor,
            cohort_uuid=cohort.pk,
            before=before,
            after={"name": name, "mapping": mapping},
        )
    return kept


def forget_mapping(*, mapping: ClinicalMapping, actor: User | None) -> None:
    with transaction.atomic():
        record_audit(
            action="clinical_mapping.forget",
            subject=mapping,
            actor=actor,
            cohort_uuid=mapping.cohort_id,
            before={"name": mapping.name, "mapping": mapping.mapping},
        )
        mapping.delete()


def mappings_of(cohort: Cohort) -> list[ClinicalMapping]:
    return list(ClinicalMapping.objects.filter(cohort=cohort).select_related("updated_by"))


def mapping_named(cohort: Cohort, name: str) -> ClinicalMapping:
    """Raises NotFound, naming those there are."""
    found = ClinicalMapping.objects.filter(cohort=cohort, name=name).first()
    if found is None:
        names = ", ".join(row.name for row in mappings_of(cohort)) or "none yet"
        raise NotFound(f"This cohort has no mapping called {name}; it has: {names}.")
    return found


def fitting_mappings(cohort: Cohort, headers: list[str]) -> list[ClinicalMapping]:
    """The mappings all of whose columns the table has, the one with the most columns first."""
    present = set(headers)
    fits = [row for row in mappings_of(cohort) if {c["header"] for c in row.mapping["columns"]} <= present]
    return sorted(fits, key=lambda row: -len(row.mapping["columns"]))
