"""What an action would do to a selection, and what it did."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django import forms

from backend.accounts.models import User
from backend.cohorts.models import Cohort, Patient


@dataclass(frozen=True, kw_only=True)
class Plan:
    """``ready`` are the patients or the cases that the action takes; ``left_out`` says of the others why not."""

    ready: list[Any]
    left_out: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Action:
    """Something that can be done to many patients. ``run`` answers how many, and whom it left out after all."""

    key: str
    title: str
    icon: str
    roles: frozenset[str]
    question: str
    done: str
    plan: Callable[[Cohort, list[Patient]], Plan]
    run: Callable[..., tuple[int, dict[str, list[str]]]]
    form: Callable[..., forms.Form] | None = None

    def carry_out(self, cohort: Cohort, plan: Plan, *, actor: User, values: dict) -> tuple[int, dict[str, list[str]]]:
        return self.run(cohort, plan.ready, actor=actor, **values)


def by_reason(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """(pseudonym, reason) → reason: pseudonyms, without those that have no reason."""
    found: dict[str, list[str]] = {}
    for pseudonym, reason in pairs:
        if reason:
            found.setdefault(reason, []).append(pseudonym)
    return found
