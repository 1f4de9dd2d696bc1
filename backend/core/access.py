"""Who may call a view, declared on the view itself, so that a test can enumerate every route."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Audience(Enum):
    PUBLIC = "anyone"
    SIGNED_IN = "any signed-in person"
    ADMINISTRATOR = "administrators"
    COHORT = "members of the cohort with one of the roles"


@dataclass(frozen=True, kw_only=True)
class AccessRule:
    """The audience of a view; ``roles`` holds values of cohorts.Role and is empty when every member may."""

    audience: Audience
    roles: frozenset[str] = frozenset()
    blinded: bool = False  # the view itself denies per person and case, over any role


def declare(rule: AccessRule) -> Callable[[Any], Any]:
    """Attaches the rule to a view function or class."""

    def attach(view: Any) -> Any:
        view.access_rule = rule
        return view

    return attach
