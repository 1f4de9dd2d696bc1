"""What people say to one another about a case; nothing is changed or removed, a comment can only be retracted."""

from django.conf import settings
from django.db import models

from backend.core.centre_limit import LimitedManager
from backend.core.models import Identified
from backend.imaging.models import Case

TEXT_LIMIT = 2000


class Comment(Identified):
    """One remark. ``is_blind_safe`` is a coordinator's word that it tells a reader nothing of others' work."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments")
    text = models.CharField(max_length=TEXT_LIMIT)
    is_blind_safe = models.BooleanField(default=False)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["case", "-created_at"], name="comments_of_a_case")]

    def __str__(self) -> str:
        return f"Comment on {self.case_id}"


class CommentMention(models.Model):
    """A person whom a comment names. Whether they may read it is decided when they look, not here."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="comment_mentions")
    read_at = models.DateTimeField(null=True, blank=True)

    objects = LimitedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "user"], name="mentioned_once_per_comment")]
        indexes = [models.Index(fields=["user", "read_at"], name="mentions_unread")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.comment_id}"


class CommentRetraction(Identified):
    """The author's word that a comment no longer holds; the comment stays, and so does the fact that it was made."""

    comment = models.OneToOneField(Comment, on_delete=models.CASCADE, related_name="retraction")
    retracted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"Retraction of {self.comment_id}"
