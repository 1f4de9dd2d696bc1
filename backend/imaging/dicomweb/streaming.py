"""Instances, frames and metadata on their way out: one chunk or one header in memory at a time."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from secrets import token_hex

from django.http import StreamingHttpResponse

from backend.core.storage import CHUNK_BYTES
from backend.imaging.dicomweb.instance_files import (
    FrameLayout,
    open_instance,
    read_compressed_frame,
    read_metadata,
    read_transfer_syntax,
)

LINE = b"\r\n"


def multipart_response(media_type: str, pieces: AsyncIterator[bytes | str]) -> StreamingHttpResponse:
    """multipart/related of PS3.18 §8.6.1.2. A ``str`` among the pieces is the Content-Type that starts a part."""
    boundary = token_hex(16)
    content_type = f'multipart/related; type="{media_type}"; boundary={boundary}'
    return StreamingHttpResponse(_parts(boundary.encode(), pieces), content_type=content_type)


async def _parts(boundary: bytes, pieces: AsyncIterator[bytes | str]) -> AsyncIterator[bytes]:
    async for piece in pieces:
        if isinstance(piece, str):
            yield LINE + b"--" + boundary + LINE + b"Content-Type: " + piece.encode() + LINE + LINE
        else:
            yield piece
    yield LINE + b"--" + boundary + b"--" + LINE


async def instance_parts(keys: Iterable[str]) -> AsyncIterator[bytes | str]:
    """Whole files as they are stored, each with its transfer syntax."""
    for key in keys:
        syntax = await asyncio.to_thread(read_transfer_syntax, key)
        yield f"application/dicom; transfer-syntax={syntax}"
        file = await asyncio.to_thread(open_instance, key)
        async for chunk in _read(file, 0, None):
            yield chunk


async def frame_parts(key: str, layout: FrameLayout, indices: list[int]) -> AsyncIterator[bytes | str]:
    """Frames as they are stored: native ones in chunks, compressed ones whole."""
    for index in indices:
        yield f"{layout.media_type}; transfer-syntax={layout.transfer_syntax}"
        file = await asyncio.to_thread(open_instance, key)
        if layout.is_compressed:
            with file:
                yield await asyncio.to_thread(read_compressed_frame, file, layout, index)
            continue
        async for chunk in _read(file, layout.start + index * layout.frame_bytes, layout.frame_bytes):
            yield chunk


async def _read(file, first: int, left: int | None) -> AsyncIterator[bytes]:
    # A disk read would block the event loop, and with it every other page of this process.
    try:
        await asyncio.to_thread(file.seek, first)
        while left is None or left > 0:
            chunk = await asyncio.to_thread(file.read, CHUNK_BYTES if left is None else min(left, CHUNK_BYTES))
            if not chunk:
                return
            left = None if left is None else left - len(chunk)
            yield chunk
    finally:
        await asyncio.to_thread(file.close)


async def metadata_array(keys: Iterable[str]) -> AsyncIterator[bytes]:
    """A JSON array, one header after the other."""
    separator = b"["
    for key in keys:
        yield separator + json.dumps(await asyncio.to_thread(read_metadata, key)).encode()
        separator = b","
    yield b"]"
