"""Who may read which comments. Decided when they are read, so that a comment opens up with the reading handed in.

A person who has still to read a case, and one who only reads where the protocol shows readers nothing of others, see
their own comments and those that a coordinator addressed to them and declared safe for who is blinded. Nothing else of
the case's conversation exists for them: not its length, not its authors.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from backend.accounts.models import User
from backend.annotations.blinding import blinded_case_ids, is_blinded, may_see_readings
from backend.annotations.models import Assignment, Comment, CommentMention
from backend.cohorts.access import beyond_limits
from backend.cohorts.models import Cohort, Membership, Role
from backend.cohorts.protocol import AfterSubmission
from backend.cohorts.services import current_rules
from backend.imaging.models import Case

_OVERSEERS = (Role.COORDINATOR, Role.ADJUDICATOR, Role.ANALYST)


@dataclass(frozen=True, kw_only=True)
class CommentReach:
    """In which cases of a cohort a person reads everything; in the others only what is theirs."""

    user: User
    blinded: frozenset[UUID]
    sees_unblinded: bool

    def of(self, comments: QuerySet[Comment]) -> QuerySet[Comment]:
        """The comments that the person may read."""
        mine = Q(author=self.user) | (Q(is_blind_safe=True) & Exists(_mentions_of(self.user)))
        if self.sees_unblinded:
            mine |= ~Q(case__in=self.blinded)
        return comments.filter(mine)


def _mentions_of(user: User) -> QuerySet[CommentMention]:
    return CommentMention.objects.filter(comment=OuterRef("pk"), user=user)


def reach_in(user: User, cohort: Cohort, roles: frozenset[str]) -> CommentReach:
    """For lists over many cases. Who only reads gets there what is addressed to them, whatever the protocol shows."""
    return CommentReach(
        user=user,
        blinded=blinded_case_ids(user, cohort),
        sees_unblinded=bool(roles & set(_OVERSEERS)),
    )


def reach_in_case(user: User, case: Case, roles: frozenset[str]) -> CommentReach:
    """For one case: also who has read it, where the protocol then shows the others' readings."""
    hidden = is_blinded(user, case)
    return CommentReach(
        user=user,
        blinded=frozenset({case.pk}) if hidden else frozenset(),
        sees_unblinded=not hidden and may_see_readings(user, case, roles),
    )


def comments_of_case(user: User, case: Case, roles: frozenset[str]) -> QuerySet[Comment]:
    """What the person may read of a case's conversation, newest first."""
    rows = Comment.objects.filter(case=case).select_related("author", "retraction__retracted_by")
    rows = rows.prefetch_related("mentions__user").order_by("-created_at", "pk")
    return reach_in_case(user, case, roles).of(rows)


def may_comment(user: User, case: Case, roles: frozenset[str]) -> bool:
    """Whoever oversees, and whoever was given the case."""
    return bool(roles & set(_OVERSEERS)) or Assignment.objects.filter(case=case, reader=user).exists()


def may_declare_blind_safe(user: User, case: Case, roles: frozenset[str]) -> bool:
    """A coordinator who is not blinded: who has still to read cannot know what would give others' work away."""
    return Role.COORDINATOR in roles and not is_blinded(user, case)


def people_to_mention(user: User, case: Case, roles: frozenset[str]) -> list[User]:
    """Whom a person may address on a case.

    Who is blinded, and who only reads, may address those who oversee the cohort, always all of them: a name that were
    missing would tell that its owner reads the case. Only who sees the readings may address the case's readers.
    """
    cohort = case.patient.cohort
    wanted = Q(memberships__cohort=cohort, memberships__role__in=_OVERSEERS)
    if may_see_readings(user, case, roles):
        wanted |= Q(pk__in=Assignment.objects.filter(case=case).values("reader"))
    return list(User.objects.filter(wanted, is_active=True).exclude(pk=user.pk).distinct().order_by("username"))


def unread_mentions(user: User, cases: Iterable[UUID] | None = None) -> QuerySet[CommentMention]:
    """Mentions of the person that are unread, of comments that still stand and that they may read now."""
    rows = CommentMention.objects.filter(user=user, read_at__isnull=True, comment__retraction__isnull=True)
    rows = rows.filter(Q(comment__is_blind_safe=True) | _open_to(user))
    rows = rows.exclude(beyond_limits(user, "comment__case__patient"))
    return rows if cases is None else rows.filter(comment__case__in=cases)


def _open_to(user: User) -> Q:
    """Comments on cases in whose conversation the person reads everything."""
    memberships = Membership.objects.filter(user=user).select_related("cohort")
    roles: dict[Cohort, set[str]] = {}
    for membership in memberships:
        roles.setdefault(membership.cohort, set()).add(membership.role)
    overseen = [cohort.pk for cohort, held in roles.items() if held & set(_OVERSEERS)]
    shown = [cohort.pk for cohort in roles if cohort.pk not in overseen and _shows_readings(cohort)]
    blinded = {pk for cohort in roles if cohort.pk in (*overseen, *shown) for pk in blinded_case_ids(user, cohort)}
    read = Assignment.objects.handed_in().filter(reader=user).values("case")
    open_cohorts = Q(comment__case__patient__cohort__in=overseen) | Q(
        comment__case__patient__cohort__in=shown, comment__case__in=read
    )
    return open_cohorts & ~Q(comment__case__in=blinded)


def _shows_readings(cohort: Cohort) -> bool:
    return current_rules(cohort).shown_after_submission != AfterSubmission.NOTHING
