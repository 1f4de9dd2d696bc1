"""A picture as a pyramid of tiles in one file: written once, read by seeking, erased as a whole.

Levels and tiles are those of Deep Zoom (DZI): level 0 is one pixel, each next one twice as large, the last is the
picture. After the magic comes the header's length and the header (JSON), then for every tile its offset and size, then
the tiles as JPEG.
"""

import io
import json
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import Image

MAGIC = b"PETRA-TILES-1\n"
TILE_PX = 512
_LENGTH = struct.Struct("<I")
_ENTRY = struct.Struct("<QI")
JPEG = {"format": "JPEG", "quality": 90, "subsampling": 0}
ReadTile = Callable[[int, tuple[int, int, int, int]], Image.Image]
"""Called with (downsample, box in pixels of that level); the levels come from the largest to the smallest."""


@dataclass(frozen=True, kw_only=True)
class Pyramid:
    """The picture's size in pixels and the tiles' edge; where a tile stands in the index follows from these."""

    width_px: int
    height_px: int
    tile_px: int = TILE_PX

    @property
    def last_level(self) -> int:
        return math.ceil(math.log2(max(self.width_px, self.height_px, 1)))

    def size_xy(self, level: int) -> tuple[int, int]:
        halves = 2 ** (self.last_level - level)
        return math.ceil(self.width_px / halves), math.ceil(self.height_px / halves)

    def tiles_xy(self, level: int) -> tuple[int, int]:
        width, height = self.size_xy(level)
        return math.ceil(width / self.tile_px), math.ceil(height / self.tile_px)

    def box(self, level: int, column: int, row: int) -> tuple[int, int, int, int]:
        width, height = self.size_xy(level)
        x, y = column * self.tile_px, row * self.tile_px
        return x, y, min(x + self.tile_px, width), min(y + self.tile_px, height)

    def place(self, level: int, column: int, row: int) -> int | None:
        """The tile's number in the index; None where there is no such tile."""
        if not 0 <= level <= self.last_level:
            return None
        columns, rows = self.tiles_xy(level)
        if not (0 <= column < columns and 0 <= row < rows):
            return None
        before = sum(math.prod(self.tiles_xy(lower)) for lower in range(level))
        return before + row * columns + column

    @property
    def tile_count(self) -> int:
        return sum(math.prod(self.tiles_xy(level)) for level in range(self.last_level + 1))


def write_pyramid(path: Path, pyramid: Pyramid, read_tile: ReadTile) -> None:
    """Writes every tile, the largest level first."""
    header = json.dumps({"width": pyramid.width_px, "height": pyramid.height_px, "tile": pyramid.tile_px}).encode()
    entries: list[tuple[int, int]] = [(0, 0)] * pyramid.tile_count
    with path.open("wb") as out:
        out.write(MAGIC + _LENGTH.pack(len(header)) + header)
        index_at = out.tell()
        out.write(bytes(_ENTRY.size * len(entries)))
        for level in range(pyramid.last_level, -1, -1):
            columns, rows = pyramid.tiles_xy(level)
            for row in range(rows):
                for column in range(columns):
                    tile = read_tile(2 ** (pyramid.last_level - level), pyramid.box(level, column, row))
                    entries[pyramid.place(level, column, row) or 0] = (out.tell(), _write_tile(tile, out))
        out.seek(index_at)
        out.write(b"".join(_ENTRY.pack(*entry) for entry in entries))


def _write_tile(tile: Image.Image, out: BinaryIO) -> int:
    encoded = io.BytesIO()
    tile.save(encoded, **JPEG)
    return out.write(encoded.getvalue())


def tiles_of(picture: Image.Image) -> ReadTile:
    """Reads tiles of a decoded RGB picture, halving it level by level."""
    levels = {1: picture}

    def read(downsample: int, box: tuple[int, int, int, int]) -> Image.Image:
        if downsample not in levels:
            above = levels.pop(downsample // 2)
            levels[downsample] = above.reduce(2)
        return levels[downsample].crop(box)

    return read


def read_pyramid(file: BinaryIO) -> Pyramid:
    """The header of a stored file."""
    _, header = _header(file)
    return Pyramid(width_px=header["width"], height_px=header["height"], tile_px=header["tile"])


def read_tile(file: BinaryIO, level: int, column: int, row: int) -> bytes | None:
    """The JPEG of one tile; None where there is none."""
    index_at, header = _header(file)
    pyramid = Pyramid(width_px=header["width"], height_px=header["height"], tile_px=header["tile"])
    place = pyramid.place(level, column, row)
    if place is None:
        return None
    file.seek(index_at + place * _ENTRY.size)
    offset, size = _ENTRY.unpack(file.read(_ENTRY.size))
    file.seek(offset)
    return file.read(size)


def read_window(file: BinaryIO, box: tuple[int, int, int, int], *, downsample: int = 1) -> Image.Image:
    """The pixels of a box (in pixels of the picture) at the level that is ``downsample`` (a power of two) smaller."""
    pyramid = read_pyramid(file)
    level = pyramid.last_level - int(math.log2(downsample))
    x0, y0, x1, y1 = (math.floor(value / downsample) for value in box)
    window = Image.new("RGB", (max(x1 - x0, 1), max(y1 - y0, 1)), "white")
    edge = pyramid.tile_px
    for row in range(y0 // edge, (max(y1, y0 + 1) - 1) // edge + 1):
        for column in range(x0 // edge, (max(x1, x0 + 1) - 1) // edge + 1):
            content = read_tile(file, level, column, row)
            if content:
                window.paste(Image.open(io.BytesIO(content)), (column * edge - x0, row * edge - y0))
    return window


def _header(file: BinaryIO) -> tuple[int, dict]:
    file.seek(0)
    if file.read(len(MAGIC)) != MAGIC:
        raise ValueError("This is no pyramid of tiles.")
    (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
    header = json.loads(file.read(length))
    return file.tell(), header
