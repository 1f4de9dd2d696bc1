"""Whole-slide files: the scan is read at every level, the label and macro pictures never; broken files are refused."""

import numpy as np
import pytest
import tifffile

from backend.pathology.tiles import Pyramid, read_window, write_pyramid
from worker.compute.errors import UnreadableInput
from worker.compute.whole_slide import open_whole_slide

APERIO = "Aperio Image Library v12.0.15\r\n{what}|AppMag = 40|MPP = 0.2520|ScanScope ID = HN-4711"
LABEL = "Aperio Image Library v12.0.15\r\n{what} 100x100"
SECRET_RGB = (255, 0, 255)


@pytest.fixture
def svs(tmp_path):
    """An Aperio file: a scan, a smaller level, a thumbnail, and a label and macro in a colour of their own."""
    y, x = np.mgrid[:600, :900]
    scan = np.stack([x * 255 // 900, y * 255 // 600, np.full_like(x, 120)], -1).astype(np.uint8)
    secret = np.tile(np.array(SECRET_RGB, np.uint8), (100, 100, 1))
    path = tmp_path / "slide.svs"
    with tifffile.TiffWriter(path) as out:
        tiled = {"tile": (256, 256), "photometric": "rgb", "metadata": None}
        plain = {"photometric": "rgb", "metadata": None, "rowsperstrip": 100}
        out.write(scan, description=APERIO.format(what="900x600 (256x256)"), **tiled)
        out.write(scan[::6, ::6], description=APERIO.format(what="900x600 -> 150x100"), **plain)
        out.write(scan[::4, ::4], description=APERIO.format(what="900x600 -> 225x150"), **tiled)
        out.write(secret, description=LABEL.format(what="label"), subfiletype=1, **plain)
        out.write(secret, description=LABEL.format(what="macro"), subfiletype=9, **plain)
    return path


def test_the_scan_becomes_tiles_and_neither_label_nor_macro_does(svs, tmp_path):
    slide = open_whole_slide(svs)
    assert {"label", "macro"} <= set(slide.slide.associated_images)
    assert (slide.width_px, slide.height_px, slide.um_per_px) == (900, 600, 0.252)
    path = tmp_path / "tiles"
    write_pyramid(path, Pyramid(width_px=900, height_px=600), slide.read)
    with path.open("rb") as file:
        whole = np.asarray(read_window(file, (0, 0, 900, 600))).astype(int)
        small = np.asarray(read_window(file, (0, 0, 900, 600), downsample=4)).astype(int)
    assert abs(whole[300, 450] - [127, 127, 120]).max() < 6 and abs(small[75, 112] - [127, 127, 120]).max() < 8
    for picture in (whole, small, np.asarray(slide.overview(300)).astype(int)):
        assert np.abs(picture - SECRET_RGB).sum(axis=-1).min() > 100
    content = path.read_bytes()
    assert b"Aperio" not in content and b"HN-4711" not in content


@pytest.mark.parametrize("content", [b"", b"no slide at all", b"II*\x00" + b"\x08" * 400])
def test_what_is_no_whole_slide_is_refused_in_a_sentence(tmp_path, content):
    path = tmp_path / "x.svs"
    path.write_bytes(content)
    with pytest.raises(UnreadableInput, match="no whole slide"):
        open_whole_slide(path)


def test_a_slide_cut_short_is_refused(svs):
    svs.write_bytes(svs.read_bytes()[:200_000])
    with pytest.raises(UnreadableInput):
        open_whole_slide(svs).read(1, (0, 0, 512, 512))
