"""Comments as the API shows them."""

from rest_framework import serializers

from backend.annotations.comment_models import TEXT_LIMIT
from backend.annotations.models import Comment


class CommentSerializer(serializers.ModelSerializer):
    """One comment; ``mentions`` are the user names that it addresses."""

    author = serializers.CharField(source="author.username", read_only=True)
    text = serializers.CharField(max_length=TEXT_LIMIT)
    mentions = serializers.SerializerMethodField()
    is_retracted = serializers.SerializerMethodField()

    class Meta:
        model = Comment
        fields = ["id", "author", "text", "is_blind_safe", "mentions", "is_retracted", "created_at"]

    def get_mentions(self, comment: Comment) -> list[str]:
        return sorted(mention.user.username for mention in comment.mentions.all())

    def get_is_retracted(self, comment: Comment) -> bool:
        return hasattr(comment, "retraction")
