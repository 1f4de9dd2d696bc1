"""Domain errors as HTTP answers of the API: one sentence in ``message``, the status from the error's kind."""

from rest_framework.response import Response
from rest_framework.views import exception_handler

from backend.core.errors import DomainError, http_status


def handle_exception(error: Exception, context: dict) -> Response | None:
    """DRF's exception handler; DomainErrors become ``{"message": …}``, DRF's own keep their fields beside a message."""
    if isinstance(error, DomainError):
        return Response({"message": str(error)}, status=http_status(error))
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(response.data, dict) and "detail" in response.data:
        response.data = {"message": str(response.data["detail"])}
    else:
        response.data = {"message": "Some of the values cannot be accepted.", "errors": response.data}
    return response
