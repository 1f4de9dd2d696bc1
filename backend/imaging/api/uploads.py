"""``/api/v1/cohorts/<slug>/uploads/``: deliveries of files, announced, sent in pieces, imported or discarded."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from backend.cohorts.access import CohortPermission
from backend.cohorts.centres import centre_of_delivery
from backend.cohorts.models import Role
from backend.core.access import AccessRule, Audience
from backend.imaging.filters import ImportedFileFilter, UploadFilter
from backend.imaging.models import ImportedFile, Upload
from backend.imaging.selectors import find_upload, outcome_counts, uploads_of
from backend.imaging.serializers import (
    CreatedUploadSerializer,
    FinishedUploadSerializer,
    ImportedFileSerializer,
    NewUploadSerializer,
    UploadSerializer,
)
from backend.imaging.services.discarding import discard_upload
from backend.imaging.services.receiving import announce_upload, finish_upload, own_upload

COORDINATORS = AccessRule(audience=Audience.COHORT, roles=frozenset({Role.COORDINATOR}))


class UploadListView(generics.ListAPIView):
    """The cohort's deliveries, and announcing one."""

    access_rule = COORDINATORS
    permission_classes = [CohortPermission]
    serializer_class = UploadSerializer
    filterset_class = UploadFilter
    queryset = Upload.objects.none()

    def get_queryset(self) -> QuerySet[Upload]:
        return uploads_of(self.cohort)

    def paginate_queryset(self, queryset: QuerySet[Upload]) -> list[Upload]:
        return _with_outcomes(super().paginate_queryset(queryset))

    @extend_schema(request=NewUploadSerializer, responses={201: CreatedUploadSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Announces the files of a delivery; only who announced it can send them."""
        asked = NewUploadSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        announced = [(file["path"], file["size"]) for file in asked.validated_data["files"]]
        source = "browser" if request.auth is None else "api"
        centre = centre_of_delivery(self.cohort, asked.validated_data.get("centre", ""), actor=request.user)
        upload = announce_upload(
            cohort=self.cohort, announced=announced, actor=request.user, source=source, centre=centre
        )
        where = {"slug": slug, "upload_id": upload.pk}
        created = {
            "upload_id": upload.pk,
            "chunk_url": reverse("api:upload_chunk", kwargs=where),
            "finish_url": reverse("api:upload_finish", kwargs=where),
        }
        return Response(CreatedUploadSerializer(created).data, status=status.HTTP_201_CREATED)


class UploadDetailView(generics.GenericAPIView):
    """One delivery."""

    access_rule = COORDINATORS
    permission_classes = [CohortPermission]
    serializer_class = UploadSerializer
    queryset = Upload.objects.none()

    @extend_schema(operation_id="uploads_retrieve")
    def get(self, request: Request, slug: str, upload_id: UUID) -> Response:
        upload = find_upload(self.cohort, upload_id)
        return Response(self.get_serializer(_with_outcomes([upload])[0]).data)

    def delete(self, request: Request, slug: str, upload_id: UUID) -> Response:
        """Erases the files of a delivery that is not being imported; what was imported stays."""
        discard_upload(upload=find_upload(self.cohort, upload_id), actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class UploadFilesView(generics.ListAPIView):
    """What became of every file of a delivery."""

    access_rule = COORDINATORS
    permission_classes = [CohortPermission]
    serializer_class = ImportedFileSerializer
    filterset_class = ImportedFileFilter
    queryset = ImportedFile.objects.none()

    def get_queryset(self) -> QuerySet[ImportedFile]:
        return find_upload(self.cohort, self.kwargs["upload_id"]).files.order_by("ordinal")


class UploadFinishView(generics.GenericAPIView):
    """Starts the import of what has arrived."""

    access_rule = COORDINATORS
    permission_classes = [CohortPermission]
    serializer_class = FinishedUploadSerializer
    queryset = Upload.objects.none()

    @extend_schema(request=None, responses={202: FinishedUploadSerializer})
    def post(self, request: Request, slug: str, upload_id: UUID) -> Response:
        """Files that have not arrived completely are refused in the report. Asking again answers the same job."""
        job = finish_upload(upload=own_upload(self.cohort, upload_id, request.user), actor=request.user)
        page = reverse("imaging:upload_report", kwargs={"slug": slug, "upload_id": upload_id})
        answer = FinishedUploadSerializer({"job_id": job.pk, "job_url": page})
        return Response(answer.data, status=status.HTTP_202_ACCEPTED)


def _with_outcomes(uploads: Iterable[Upload]) -> list[Upload]:
    rows = list(uploads)
    counts = outcome_counts(rows)
    for upload in rows:
        upload.outcomes = counts[upload.pk]
    return rows
