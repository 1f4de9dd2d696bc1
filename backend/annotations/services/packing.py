"""Labelmaps as gzip, piece by piece: an edit costs the pieces that it touches, and nearly all others are empty.

The pieces are deflate blocks that do not look back at one another (Z_FULL_FLUSH), so that they can be set side by side
and unpacked alone. The result is one ordinary gzip member (RFC 1952), the same bytes for the same voxels. A field in
its header says how long each packed piece is; a file without that field is unpacked as a whole.
"""

import functools
import gzip
import struct
import zlib
from collections.abc import Iterable

_HEADER = b"\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\xff"
# "PP": PETRA's pieces. Their packed lengths follow, each as uint32.
_FIELD = b"PP"
_FIELD_AT, _LENGTHS_AT = len(_HEADER) + 2, len(_HEADER) + 6
# An empty, last block: nothing follows.
_END = b"\x03\x00"
_PIECE_BYTES = 1 << 18
_LEVEL, _RAW_WINDOW_BITS, _MEMORY_LEVEL = 6, -15, 9
# The extra field counts its bytes in 16 bits; larger labelmaps are packed in larger pieces.
_MOST_PIECES = 16_000

Voxels = bytes | bytearray


def pack_labelmap(voxels: Voxels) -> bytes:
    """The gzip file of a labelmap."""
    return _file([_packed_piece(piece) for piece in _pieces(voxels)], voxels)


def repack_labelmap(before: bytes, voxels: Voxels, changed: Iterable[tuple[int, int]]) -> bytes:
    """The same file, made from the one ``before`` the change: only pieces that hold ``changed`` runs are packed anew.

    ``changed`` names the first voxel and the number of voxels of each run.
    """
    packed, size = _packed_pieces(before), _piece_bytes(len(voxels))
    if packed is None:
        return pack_labelmap(voxels)
    for number in {n for first, length in changed for n in range(first // size, (first + length - 1) // size + 1)}:
        packed[number] = _packed_piece(bytes(voxels[number * size : (number + 1) * size]))
    return _file(packed, voxels)


def unpack_labelmap(file: bytes) -> bytearray:
    """The voxels, not held against any hash. Raises the errors of ``gzip.decompress`` where the file is damaged."""
    packed = _packed_pieces(file)
    if packed is None:
        return bytearray(gzip.decompress(file))
    (length,) = struct.unpack("<I", file[-4:])
    voxels, size = bytearray(length), _piece_bytes(length)
    for number, piece in enumerate(packed):
        here = min(size, length - number * size)
        if piece != _packed_empty(here):
            voxels[number * size : number * size + here] = _unpacked(piece, here)
    return voxels


def _pieces(voxels: Voxels) -> list[bytes]:
    size = _piece_bytes(len(voxels))
    return [bytes(voxels[first : first + size]) for first in range(0, len(voxels), size)]


def _piece_bytes(voxel_count: int) -> int:
    return max(_PIECE_BYTES, -(-voxel_count // _MOST_PIECES))


def _file(packed: list[bytes], voxels: Voxels) -> bytes:
    lengths = struct.pack(f"<{len(packed)}I", *map(len, packed))
    extra = struct.pack("<H", len(lengths) + 4) + _FIELD + struct.pack("<H", len(lengths)) + lengths
    trailer = struct.pack("<II", zlib.crc32(voxels), len(voxels) & 0xFFFFFFFF)
    return b"".join([_HEADER, extra, *packed, _END, trailer])


def _packed_pieces(file: bytes) -> list[bytes] | None:
    """The pieces of a file as ``_file`` makes it; None for any other."""
    if file[: len(_HEADER)] != _HEADER or file[_FIELD_AT : _FIELD_AT + 2] != _FIELD or len(file) < _LENGTHS_AT + 8:
        return None
    (field_bytes,) = struct.unpack_from("<H", file, _FIELD_AT + 2)
    if len(file) < _LENGTHS_AT + field_bytes:
        return None
    lengths = struct.unpack(f"<{field_bytes // 4}I", file[_LENGTHS_AT : _LENGTHS_AT + field_bytes])
    pieces, at = [], _LENGTHS_AT + field_bytes
    for length in lengths:
        pieces.append(file[at : at + length])
        at += length
    (voxel_count,) = struct.unpack("<I", file[-4:])
    whole = len(file) == at + len(_END) + 8 and len(pieces) == -(-voxel_count // _piece_bytes(voxel_count))
    return pieces if whole else None


def _packed_piece(piece: bytes) -> bytes:
    return _packed_empty(len(piece)) if piece == _nothing(len(piece)) else _packed(piece)


@functools.lru_cache(maxsize=64)
def _nothing(length: int) -> bytes:
    return bytes(length)


@functools.lru_cache(maxsize=64)
def _packed_empty(length: int) -> bytes:
    return _packed(bytes(length))


def _packed(piece: bytes) -> bytes:
    # Labelmaps are runs of one value: looking for runs alone (Z_RLE) packs them as tightly, in under half the time.
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW_WINDOW_BITS, _MEMORY_LEVEL, zlib.Z_RLE)
    return packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)


def _unpacked(piece: bytes, length: int) -> bytes:
    content = zlib.decompressobj(_RAW_WINDOW_BITS).decompress(piece, length + 1)
    if len(content) != length:
        raise EOFError("A piece of this labelmap has the wrong length.")
    return content
