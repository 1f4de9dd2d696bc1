"""``/api/v1/cohorts/<slug>/cases/<id>/comments/``: the conversation about a case, as far as the caller may read it."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.annotations.comment_serializers import CommentSerializer
from backend.annotations.commenting import comments_of_case, may_comment
from backend.annotations.models import Comment
from backend.annotations.services.comments import add_comment, retract_comment
from backend.cohorts.access import CohortPermission
from backend.cohorts.models import Role
from backend.core.access import AccessRule, Audience
from backend.core.errors import Forbidden, NotFound
from backend.imaging.models import Case

TALKS = AccessRule(
    audience=Audience.COHORT,
    roles=frozenset({Role.COORDINATOR, Role.READER, Role.ADJUDICATOR, Role.ANALYST}),
    blinded=True,
)


def _case(request: Request, case_id: UUID) -> Case:
    """The case. Raises NotFound, and Forbidden for who has no part in it."""
    rows = Case.objects.select_related("patient__cohort")
    case = rows.filter(pk=case_id, patient__cohort=request.cohort).first()
    if case is None:
        raise NotFound("There is no such case in this cohort.")
    if not may_comment(request.user, case, request.roles):
        raise Forbidden("Only who oversees the cohort or was given the case sees its comments.")
    return case


class CommentView(generics.GenericAPIView):
    """Newest first; nothing of the conversation is listed that blinding hides."""

    access_rule = TALKS
    permission_classes = [CohortPermission]
    serializer_class = CommentSerializer
    queryset = Comment.objects.none()
    filter_backends: list = []

    @extend_schema(operation_id="comments_list", responses=CommentSerializer(many=True))
    def get(self, request: Request, slug: str, case_id: UUID) -> Response:
        rows = comments_of_case(request.user, _case(request, case_id), request.roles)
        return self.get_paginated_response(CommentSerializer(self.paginate_queryset(rows), many=True).data)

    @extend_schema(operation_id="comments_create", responses={201: CommentSerializer})
    def post(self, request: Request, slug: str, case_id: UUID) -> Response:
        """``@username`` in the text addresses a person; ``is_blind_safe`` is for coordinators."""
        case = _case(request, case_id)
        asked = CommentSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        comment = add_comment(case=case, author=request.user, roles=request.roles, **asked.validated_data)
        return Response(CommentSerializer(comment).data, status=status.HTTP_201_CREATED)


class CommentRetractionView(APIView):
    """Says that one's own comment no longer holds."""

    access_rule = TALKS
    permission_classes = [CohortPermission]

    @extend_schema(operation_id="comments_retract", request=None, responses={201: CommentSerializer})
    def post(self, request: Request, slug: str, case_id: UUID, comment_id: UUID) -> Response:
        case = _case(request, case_id)
        rows = Comment.objects.select_related("author", "case__patient")
        comment = rows.filter(pk=comment_id, case=case, author=request.user).first()
        if comment is None:
            raise NotFound("There is no such comment among yours.")
        retract_comment(comment=comment, actor=request.user)
        return Response(CommentSerializer(comment).data, status=status.HTTP_201_CREATED)
