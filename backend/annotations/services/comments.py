"""Saying something about a case, taking it back, and having read what one was addressed in."""

import re

from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.annotations.comment_models import TEXT_LIMIT
from backend.annotations.commenting import may_comment, may_declare_blind_safe, people_to_mention
from backend.annotations.models import Comment, CommentMention, CommentRetraction
from backend.audit.services import record_audit
from backend.core.errors import Conflict, Forbidden, InvalidInput
from backend.imaging.models import Case

MENTIONS_LIMIT = 20
# A user name as Django lets it be; a point or a dash at the end belongs to the sentence.
_MENTION = re.compile(r"(?<![\w@.+-])@([\w.+-]*\w)")


def add_comment(*, case: Case, author: User, roles: frozenset[str], text: str, is_blind_safe: bool = False) -> Comment:
    """Keeps a comment and who is addressed in it. Raises Forbidden, and InvalidInput in a sentence."""
    text = (text or "").replace("\r\n", "\n").strip()
    _check(case, author, roles, text, is_blind_safe)
    mentioned = _mentioned(case, author, roles, text)
    if is_blind_safe and not mentioned:
        raise InvalidInput("Say whom it is for (@name): what readers may see while they read is addressed to one.")
    with transaction.atomic():
        comment = Comment.objects.create(case=case, author=author, text=text, is_blind_safe=is_blind_safe)
        CommentMention.objects.bulk_create([CommentMention(comment=comment, user=user) for user in mentioned])
        record_audit(
            action="comment.add",
            subject=comment,
            actor=author,
            cohort_uuid=case.patient.cohort_id,
            after={
                "case": str(case.pk),
                "characters": len(text),
                "mentions": [user.username for user in mentioned],
                "is_blind_safe": is_blind_safe,
            },
        )
    return comment


def _check(case: Case, author: User, roles: frozenset[str], text: str, is_blind_safe: bool) -> None:
    if not may_comment(author, case, roles):
        raise Forbidden("Only who oversees the cohort or was given the case comments on it.")
    if not text:
        raise InvalidInput("Write something first.")
    if len(text) > TEXT_LIMIT:
        raise InvalidInput(f"A comment may have at most {TEXT_LIMIT:,} characters; this one has {len(text):,}.")
    if "\x00" in text:
        raise InvalidInput("The comment holds a character that cannot be kept: type it again.")
    if is_blind_safe and not may_declare_blind_safe(author, case, roles):
        raise Forbidden("Only a coordinator who does not read the case can say that a comment tells nothing of others.")


def _mentioned(case: Case, author: User, roles: frozenset[str], text: str) -> list[User]:
    names = list(dict.fromkeys(match.lower() for match in _MENTION.findall(text)))
    if not names:
        return []
    if len(names) > MENTIONS_LIMIT:
        raise InvalidInput(f"Address at most {MENTIONS_LIMIT} people in one comment.")
    known = {user.username.lower(): user for user in people_to_mention(author, case, roles)}
    strangers = [name for name in names if name not in known]
    if strangers:
        raise InvalidInput(f"Nobody called @{strangers[0]} can be addressed here: choose a name from the list.")
    return [known[name] for name in names]


def retract_comment(*, comment: Comment, actor: User) -> CommentRetraction:
    """The author's own comment no longer holds; its text stays readable for whoever could read it."""
    if comment.author_id != actor.pk:
        raise Forbidden("Only the author retracts a comment.")
    with transaction.atomic():
        Comment.objects.select_for_update().get(pk=comment.pk)
        if CommentRetraction.objects.filter(comment=comment).exists():
            raise Conflict("This comment is retracted already.")
        retraction = CommentRetraction.objects.create(comment=comment, retracted_by=actor)
        record_audit(action="comment.retract", subject=comment, actor=actor, cohort_uuid=comment.case.patient.cohort_id)
    return retraction


def mark_read(*, user: User, comments: list[Comment]) -> int:
    """What was shown to the person is no longer unread. Returns how many mentions that were."""
    rows = CommentMention.objects.filter(user=user, comment__in=comments, read_at__isnull=True)
    return rows.update(read_at=timezone.now())
