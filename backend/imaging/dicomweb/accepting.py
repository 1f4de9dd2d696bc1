"""What a client accepts (PS3.18 §8.7.5): media types, also inside multipart/related, and transfer syntaxes."""

from collections.abc import Iterator

from django.utils.http import parse_header_parameters
from rest_framework.exceptions import NotAcceptable

ANY_SYNTAX = "*"


def require_acceptable(accept: str, media_type: str, transfer_syntax: str, *, compressed: bool) -> None:
    """Raises NotAcceptable (406) unless one range of ``accept`` admits the stored form; nothing is transcoded.

    Compressed pixels need to be asked for: by their media type, by their transfer syntax or by ``transfer-syntax=*``.
    """
    for wanted, syntax in _ranges(accept):
        named = wanted == media_type
        if named and syntax in ("", ANY_SYNTAX, transfer_syntax) and (syntax or not compressed or _is_image(wanted)):
            return
        if wanted in ("*/*", "application/*") and (not compressed or syntax in (ANY_SYNTAX, transfer_syntax)):
            return
        if syntax == ANY_SYNTAX and wanted == "application/octet-stream":
            return
    raise NotAcceptable(
        f"This is stored as {media_type} with transfer syntax {transfer_syntax} and sent only so: "
        f'accept multipart/related; type="{media_type}"; transfer-syntax=*.'
    )


def _is_image(media_type: str) -> bool:
    return media_type.startswith("image/")


def _ranges(accept: str) -> Iterator[tuple[str, str]]:
    """Each range as (media type inside multipart, transfer syntax or empty); no header accepts anything."""
    for one in (accept or "*/*").split(","):
        media_type, parameters = parse_header_parameters(one.strip())
        if media_type in ("multipart/related", "multipart/*"):
            media_type = parameters.get("type", "*/*").lower()
        yield media_type, parameters.get("transfer-syntax", "")
