"""Stored voxel files to the browser: immutable, precompressed, named by their hash, sent without being unpacked.

Behind nginx (PETRA_ACCEL_PREFIX) only the headers are made here; otherwise the file is streamed, whole or in part.
"""

import asyncio
import functools
import re
from collections.abc import AsyncIterator, Callable
from pathlib import PurePosixPath
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from backend.core.errors import NotFound
from backend.core.storage import CHUNK_BYTES

# A file is named by the hash of its bytes, so what an address once answered is its answer for ever.
CACHE_CONTROL = "private, max-age=31536000, immutable"
_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")


def accepts_token(view: Callable) -> Callable:
    """For async views: a signed-in session or an API token; 401 with a sentence without either."""

    @functools.wraps(view)
    async def authenticated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = await request.auser()
        if not user.is_authenticated:
            user = await sync_to_async(_user_of_token)(request)
            if user is None:
                return JsonResponse({"message": "Sign in, or send an API token."}, status=401)
            request.user, request.auser = user, _answering(user)
        return await view(request, *args, **kwargs)

    return authenticated


def _user_of_token(request: HttpRequest) -> Any:
    try:
        found = TokenAuthentication().authenticate(request)  # type: ignore[arg-type]
    except AuthenticationFailed:
        return None
    return found[0] if found else None


def _answering(user: Any) -> Callable:
    async def auser() -> Any:
        return user

    return auser


async def stored_file_response(request: HttpRequest, key: str) -> HttpResponseBase:
    """The gzip file behind ``key``: 304 where the browser has it, 206 for a range, 404 where it was erased."""
    etag = f'"{PurePosixPath(key).name.partition(".")[0]}"'
    if etag in [known.strip().removeprefix("W/") for known in request.headers.get("If-None-Match", "").split(",")]:
        return _with_headers(HttpResponse(status=304), etag)
    if settings.PETRA_ACCEL_PREFIX:
        return _with_headers(HttpResponse(headers={"X-Accel-Redirect": f"{settings.PETRA_ACCEL_PREFIX}{key}"}), etag)
    try:
        file = await asyncio.to_thread(default_storage.open, key, "rb")
    except FileNotFoundError as error:
        raise NotFound("These voxels are no longer kept: the patient's images were erased.") from error
    return await _stream(request, file, etag)


async def _stream(request: HttpRequest, file: File, etag: str) -> HttpResponseBase:
    size = await asyncio.to_thread(lambda: file.size)
    wanted = _wanted_range(request, size, etag)
    if wanted is None:
        first, last, status = 0, size - 1, 200
    elif wanted[0] > wanted[1]:
        await asyncio.to_thread(file.close)
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    else:
        (first, last), status = wanted, 206
    response = StreamingHttpResponse(_chunks(file, first, last - first + 1), status=status)
    response["Content-Length"] = str(last - first + 1)
    if status == 206:
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return _with_headers(response, etag)


def _wanted_range(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | None:
    """First and last byte (RFC 9110 §14); None for the whole file, first > last where there is no such byte."""
    match = _RANGE.match(request.headers.get("Range", "").strip())
    if match is None or request.headers.get("If-Range", etag) != etag or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return max(size - int(last), 0), size - 1 if int(last) else -1
    return int(first), min(int(last) if last else size - 1, size - 1)


async def _chunks(file: File, first: int, left: int) -> AsyncIterator[bytes]:
    # A disk read would block the event loop, and with it every other page of this process.
    try:
        await asyncio.to_thread(file.seek, first)
        while left > 0:
            chunk = await asyncio.to_thread(file.read, min(left, CHUNK_BYTES))
            if not chunk:
                return
            left -= len(chunk)
            yield chunk
    finally:
        await asyncio.to_thread(file.close)


def _with_headers(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    response["ETag"] = etag
    response["Cache-Control"] = CACHE_CONTROL
    response["Accept-Ranges"] = "bytes"
    if response.status_code != 304:
        response["Content-Encoding"] = "gzip"
        response["Content-Type"] = "application/octet-stream"
    return response
