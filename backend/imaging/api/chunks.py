"""``/api/v1/cohorts/<slug>/uploads/<id>/chunks/``: the pieces of a file, sent raw and appended where the file ends."""

from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from backend.cohorts.access import CohortPermission
from backend.core.errors import InvalidInput
from backend.imaging.api.uploads import COORDINATORS
from backend.imaging.models import Upload
from backend.imaging.serializers import ReceivedSerializer
from backend.imaging.services.receiving import CHUNK_LIMIT_BYTES, own_upload, receive_chunk, received_bytes

# Never a path: servers log addresses, and a path can hold a name.
_FILE = OpenApiParameter("file", OpenApiTypes.INT, required=True, description="Its place in the announced list, from 0")
_OFFSET = OpenApiParameter("offset", OpenApiTypes.INT, required=True, description="Where the piece starts, in bytes")
MEANINGS = {"file": "The file's place in the announced list", "offset": "The offset in bytes"}
LONGEST_NUMBER = 15


class UploadChunkView(generics.GenericAPIView):
    """One file of a delivery; only who announced it may send or ask."""

    access_rule = COORDINATORS
    permission_classes = [CohortPermission]
    serializer_class = ReceivedSerializer
    queryset = Upload.objects.none()

    @extend_schema(operation_id="uploads_chunks_retrieve", parameters=[_FILE])
    def get(self, request: Request, slug: str, upload_id: UUID) -> Response:
        """How much of the file has arrived: where to go on."""
        upload = own_upload(self.cohort, upload_id, request.user)
        return Response({"received": received_bytes(upload, _whole(request, "file"))})

    @extend_schema(parameters=[_FILE, _OFFSET], request={"application/octet-stream": OpenApiTypes.BINARY})
    def put(self, request: Request, slug: str, upload_id: UUID) -> Response:
        """A piece of at most 8 MiB; sending one again changes nothing, and a hole is refused."""
        upload = own_upload(self.cohort, upload_id, request.user)
        if int(request.META.get("CONTENT_LENGTH") or 0) > CHUNK_LIMIT_BYTES:
            raise InvalidInput(f"A piece may have at most {CHUNK_LIMIT_BYTES // 1024**2} MiB: send smaller ones.")
        # The raw request: a parser would read the whole piece into memory.
        received = receive_chunk(upload, _whole(request, "file"), _whole(request, "offset"), request._request)
        return Response({"received": received})


def _whole(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        raise InvalidInput(
            f"{MEANINGS[name]} is a whole number: ?file=0&offset=0 is the first piece of the first file."
        )
    return int(text)
