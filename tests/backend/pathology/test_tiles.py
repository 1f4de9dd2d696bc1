"""The pyramid of tiles: every pixel found again, and nothing but pixels in the file."""

import io

import numpy as np
from PIL import Image

from backend.pathology.services.redaction import Redaction, parse_redaction, redacted
from backend.pathology.tiles import Pyramid, read_pyramid, read_tile, read_window, tiles_of, write_pyramid


def test_tiles_of_every_level_and_windows_across_tiles_are_found(tmp_path):
    y, x = np.mgrid[:700, :1100]
    picture = Image.fromarray(np.stack([x % 256, y % 256, (x + y) // 8 % 256], -1).astype(np.uint8))
    path = tmp_path / "tiles"
    pyramid = Pyramid(width_px=1100, height_px=700)
    write_pyramid(path, pyramid, tiles_of(picture))
    with path.open("rb") as file:
        assert read_pyramid(file) == pyramid and pyramid.last_level == 11
        first = Image.open(io.BytesIO(read_tile(file, 11, 0, 0)))
        assert first.size == (512, 512) and Image.open(io.BytesIO(read_tile(file, 11, 2, 1))).size == (76, 188)
        assert Image.open(io.BytesIO(read_tile(file, 0, 0, 0))).size == (1, 1)
        for place in ((11, 3, 0), (11, 0, 2), (12, 0, 0), (-1, 0, 0)):
            assert read_tile(file, *place) is None
        window = np.asarray(read_window(file, (500, 480, 620, 560))).astype(int)
        small = read_window(file, (0, 0, 1100, 700), downsample=4)
    assert np.abs(window[..., 2] - np.asarray(picture.crop((500, 480, 620, 560)))[..., 2]).mean() < 4
    assert small.size == (275, 175)


def test_blanked_areas_are_white_to_the_last_pixel_and_the_rest_is_cropped():
    picture = Image.new("RGB", (200, 100), "black")
    kept = redacted(picture, parse_redaction("[[0, 0, 0.251, 1]]", ""))
    assert np.asarray(kept)[:, :51].min() == 255 and np.asarray(kept)[:, 51:].max() == 0
    assert redacted(picture, Redaction(crop=(0.5, 0.0, 1.0, 0.5))).size == (100, 50)
