"""Cohorts and members as the API shows them."""

from rest_framework import serializers

from backend.cohorts.models import Cohort, Membership, Role


class CohortSerializer(serializers.ModelSerializer):
    """A cohort; ``slug`` names it in every address."""

    class Meta:
        model = Cohort
        fields = ["id", "slug", "name", "description", "is_synthetic", "created_at"]
        read_only_fields = ["id", "is_synthetic", "created_at"]
        # The service says in a sentence that an address is taken.
        extra_kwargs = {"slug": {"validators": []}}


class MemberSerializer(serializers.ModelSerializer):
    """One role of one person."""

    username = serializers.CharField(source="user.username", read_only=True)
    name = serializers.CharField(source="user.shown_name", read_only=True)
    centre = serializers.CharField(source="centre.name", default="", read_only=True, help_text="empty: every centre")

    class Meta:
        model = Membership
        fields = ["id", "username", "name", "role", "centre", "created_at"]


class NewMemberSerializer(serializers.Serializer):
    """A role to give."""

    username = serializers.CharField(max_length=150)
    role = serializers.ChoiceField(choices=Role.choices)
    centre = serializers.CharField(
        max_length=60, required=False, allow_blank=True, help_text="the one centre that the person sees"
    )
