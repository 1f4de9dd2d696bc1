"""What belongs to a patient, found by the foreign keys of all models, and its erasure in one transaction.

Found and not listed: a model that is added later is erased too. ``KEPT`` are the tombstones; each is emptied of values.
"""

from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models

from backend.core.append_only import ERASURE_SETTING

PATIENT = "cohorts.patient"
KEPT = frozenset(
    {
        "cohorts.patient",
        "cohorts.enrolment",
        "cohorts.eligibilitydecision",
        "cohorts.datasetmember",
        "cohorts.withdrawal",
    }
)
Keys = dict[type[models.Model], list[Any]]


@cache
def patient_path(model: type[models.Model]) -> str:
    """The shortest way from a model to its patient by foreign keys that are never empty; empty where there is none."""
    ways: list[tuple[type[models.Model], str]] = [(model, "")]
    seen = {model}
    for here, way in ways:
        for field in here._meta.concrete_fields:
            if not field.is_relation or field.null or field.related_model in seen:
                continue
            if field.related_model._meta.label_lower == PATIENT:
                return f"{way}{field.name}"
            seen.add(field.related_model)
            ways.append((field.related_model, f"{way}{field.name}__"))
    return ""


def erasable_models() -> list[type[models.Model]]:
    """Every model of which a row belongs to one patient, but for the tombstones."""
    return [model for model in apps.get_models() if patient_path(model) and model._meta.label_lower not in KEPT]


def rows_of(patient_id: UUID) -> Keys:
    """The keys of everything that would be erased, by model; models without a row are left out."""
    found = {
        model: list(model._base_manager.filter(**{patient_path(model): patient_id}).values_list("pk", flat=True))
        for model in erasable_models()
    }
    return {model: keys for model, keys in found.items() if keys}


def allow_erasure() -> None:
    """Lets append-only rows be changed until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {ERASURE_SETTING} = 'on'")


def erase_rows(rows: Keys) -> None:
    """Deletes the rows. In any order: what points where is looked at when the transaction commits."""
    for model, keys in rows.items():
        model._base_manager.filter(pk__in=keys)._raw_delete(model._base_manager.db)


def counted(rows: Keys) -> dict[str, int]:
    """How many rows of each kind, in words."""
    return {str(model._meta.verbose_name_plural): len(keys) for model, keys in rows.items()}
