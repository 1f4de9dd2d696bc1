"""The actions that the board offers for many patients, by role."""

from backend.cohorts.models import Role
from backend.core.errors import Forbidden, InvalidInput
from backend.dashboards.bulk.assign import AssignForm, give, plan_assignments
from backend.dashboards.bulk.include import IncludeForm, include, plan_inclusion
from backend.dashboards.bulk.plans import Action
from backend.dashboards.bulk.start import (
    plan_brown_fat,
    plan_consensuses,
    plan_features,
    start_brown_fat,
    start_consensuses,
    start_features,
)

_COORDINATOR = frozenset({Role.COORDINATOR})
_STARTERS = frozenset({Role.COORDINATOR, Role.ANALYST})

ACTIONS = {
    action.key: action
    for action in (
        Action(
            key="include",
            title="Include",
            icon="user-check",
            roles=_COORDINATOR,
            question="Include {n}",
            done="{n} included.",
            plan=plan_inclusion,
            run=include,
            form=IncludeForm,
        ),
        Action(
            key="assign",
            title="Give to readers",
            icon="users",
            roles=_COORDINATOR,
            question="Give {n} to readers",
            done="{n} given.",
            plan=plan_assignments,
            run=give,
            form=AssignForm,
        ),
        Action(
            key="consensus",
            title="Build consensus",
            icon="stack-2",
            roles=_STARTERS,
            question="Build the consensus of {n}",
            done="{n} started.",
            plan=plan_consensuses,
            run=start_consensuses,
        ),
        Action(
            key="brown_fat",
            title="Propose brown fat",
            icon="flask",
            roles=_STARTERS,
            question="Propose the brown fat of {n}",
            done="{n} started.",
            plan=plan_brown_fat,
            run=start_brown_fat,
        ),
        Action(
            key="features",
            title="Extract features",
            icon="table",
            roles=_STARTERS,
            question="Extract the features of {n}",
            done="{n} started.",
            plan=plan_features,
            run=start_features,
        ),
    )
}
# What one of what an action counts is called.
_NOUNS = {"include": "patient", "assign": "assignment"}


def actions_for(roles: frozenset[str]) -> list[Action]:
    return [action for action in ACTIONS.values() if action.roles & roles]


def action_of(key: str, roles: frozenset[str]) -> Action:
    """Raises InvalidInput for an action that does not exist, Forbidden for one of other roles."""
    action = ACTIONS.get(key)
    if action is None:
        raise InvalidInput("There is no such action: load the board again.")
    if not action.roles & roles:
        raise Forbidden("Your roles do not allow this for many patients.")
    return action


def counted(action: Action, count: int) -> str:
    """``3 jobs``."""
    noun = _NOUNS.get(action.key, "job")
    return f"{count:,} {noun if count == 1 else noun + 's'}"
