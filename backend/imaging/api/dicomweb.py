"""``/api/v1/cohorts/<slug>/dicomweb``: the de-identified images by DICOMweb, for whoever may see the cohort's images.

Sent as stored: compressed pixels only to a client that accepts their transfer syntax, never transcoded. Regions that
came with the images (RTSTRUCT, SEG) are readings of a person and are not served: blinding would have a hole.
"""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.cohorts.access import CohortPermission
from backend.cohorts.models import Role
from backend.core.access import AccessRule, Audience
from backend.core.errors import NotFound
from backend.imaging.dicomweb import matching, records
from backend.imaging.dicomweb.accepting import require_acceptable
from backend.imaging.dicomweb.instance_files import (
    frame_numbers,
    open_instance,
    read_frame_layout,
    read_transfer_syntax,
)
from backend.imaging.dicomweb.streaming import frame_parts, instance_parts, metadata_array, multipart_response
from backend.imaging.models import Instance
from backend.imaging.serving import CACHE_CONTROL

SEES_IMAGES = AccessRule(
    audience=Audience.COHORT, roles=frozenset({Role.READER, Role.COORDINATOR, Role.ADJUDICATOR, Role.ANALYST})
)
DICOM, DICOM_JSON = "application/dicom", "application/dicom+json"
_PAGE = [OpenApiParameter(name, OpenApiTypes.INT, description="Paging") for name in ("limit", "offset")]
_RECORDS = {(200, DICOM_JSON): {"type": "array", "items": {"type": "object"}}}
_MULTIPART = {(200, "multipart/related"): OpenApiTypes.BINARY}


class SentAsStored(BaseContentNegotiation):
    """DICOM's media types are looked at by the views: what is sent depends on what is stored."""

    def select_renderer(self, request: Request, renderers: list, format_suffix: str | None = None) -> tuple:
        return renderers[0], renderers[0].media_type


class DicomWebView(APIView):
    """Common to all: who may ask, and the part of the cohort that an address names."""

    access_rule = SEES_IMAGES
    permission_classes = [CohortPermission]
    content_negotiation_class = SentAsStored

    def named_instances(self, **uids: str) -> QuerySet[Instance]:
        """The instances below the UIDs of the address; NotFound where there is none."""
        names = {
            "study_uid": "series__study__study_instance_uid",
            "series_uid": "series__series_instance_uid",
            "sop_uid": "sop_instance_uid",
        }
        found = matching.instances(self.cohort).filter(**{names[name]: uid for name, uid in uids.items()})
        if not found.exists():
            raise NotFound("There is no such image in this cohort.")
        return found


class SearchView(DicomWebView):
    """QIDO-RS on one level, below the UIDs of the address."""

    level: str

    def search(self, request: Request, **uids: str) -> Response:
        if uids:
            self.named_instances(**uids)
        rows = {"study": matching.studies, "series": matching.series, "instance": matching.instances}[self.level]
        record = getattr(records, f"{self.level}_record")
        above = {"study_uid": "StudyInstanceUID", "series_uid": "SeriesInstanceUID"}
        found = matching.matching(rows(self.cohort), self.level, request.query_params)
        known = matching.MATCHERS[self.level]
        found = found.filter(**{known[above[name]][0]: uid for name, uid in uids.items()})
        offset, limit = matching.page_of(request.query_params)
        page = list(found[offset : offset + limit + 1])
        root = request.build_absolute_uri(request.path).rpartition("/dicomweb/")[0] + "/dicomweb"
        headers = {"Warning": '299 PETRA "There are more: ask with offset."'} if len(page) > limit else {}
        return Response([record(row, root) for row in page[:limit]], headers=headers, content_type=DICOM_JSON)


class SearchStudiesView(SearchView):
    level = "study"

    @extend_schema(operation_id="dicomweb_studies_search", parameters=_PAGE, responses=_RECORDS)
    def get(self, request: Request, slug: str) -> Response:
        """Studies with an image (QIDO-RS), by StudyInstanceUID, StudyDate, PatientID or ModalitiesInStudy."""
        return self.search(request)


class SearchSeriesView(SearchView):
    level = "series"

    @extend_schema(parameters=_PAGE, responses=_RECORDS)
    def get(self, request: Request, slug: str, **uids: str) -> Response:
        """Image series (QIDO-RS), also by SeriesInstanceUID, Modality or SeriesNumber."""
        return self.search(request, **uids)


class SearchInstancesView(SearchView):
    level = "instance"

    @extend_schema(parameters=_PAGE, responses=_RECORDS)
    def get(self, request: Request, slug: str, **uids: str) -> Response:
        """Instances (QIDO-RS), also by SOPInstanceUID or SOPClassUID."""
        return self.search(request, **uids)


class RetrieveView(DicomWebView):
    def retrieve(self, request: Request, **uids: str) -> HttpResponseBase:
        keys = list(self.named_instances(**uids).values_list("storage_key", flat=True))
        syntax = read_transfer_syntax(keys[0])
        compressed = syntax.startswith(("1.2.840.10008.1.2.4.", "1.2.840.10008.1.2.5"))
        require_acceptable(request.headers.get("Accept", ""), DICOM, syntax, compressed=compressed)
        return multipart_response(DICOM, instance_parts(keys))


class RetrieveStudyView(RetrieveView):
    @extend_schema(operation_id="dicomweb_study_retrieve", responses=_MULTIPART)
    def get(self, request: Request, slug: str, **uids: str) -> HttpResponseBase:
        """Every image of a study (WADO-RS), one file after the other."""
        return self.retrieve(request, **uids)


class RetrieveSeriesView(RetrieveView):
    @extend_schema(operation_id="dicomweb_series_retrieve", responses=_MULTIPART)
    def get(self, request: Request, slug: str, **uids: str) -> HttpResponseBase:
        """Every instance of a series (WADO-RS)."""
        return self.retrieve(request, **uids)


class RetrieveInstanceView(RetrieveView):
    @extend_schema(operation_id="dicomweb_instance_retrieve", responses=_MULTIPART)
    def get(self, request: Request, slug: str, **uids: str) -> HttpResponseBase:
        """One instance (WADO-RS)."""
        return self.retrieve(request, **uids)


class MetadataView(DicomWebView):
    @extend_schema(responses=_RECORDS)
    def get(self, request: Request, slug: str, **uids: str) -> HttpResponseBase:
        """Headers without pixel data (WADO-RS metadata)."""
        keys = list(self.named_instances(**uids).values_list("storage_key", flat=True))
        open_instance(keys[0]).close()  # erased images are a 404, not an answer that breaks off
        return StreamingHttpResponse(metadata_array(keys), content_type=DICOM_JSON)


class FramesView(DicomWebView):
    @extend_schema(responses=_MULTIPART)
    def get(self, request: Request, slug: str, frame_list: str, **uids: str) -> HttpResponseBase:
        """Frames of an instance (WADO-RS), numbered from 1 and separated by commas."""
        instance: Any = self.named_instances(**uids).first()
        with open_instance(instance.storage_key) as file:
            layout = read_frame_layout(file)
        accept = request.headers.get("Accept", "")
        require_acceptable(accept, layout.media_type, layout.transfer_syntax, compressed=layout.is_compressed)
        indices = frame_numbers(frame_list, layout.frame_count)
        response = multipart_response(layout.media_type, frame_parts(instance.storage_key, layout, indices))
        response["Cache-Control"] = CACHE_CONTROL
        return response
