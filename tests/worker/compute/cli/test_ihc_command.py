"""``python -m worker.compute ihc``: a proposal as JSON with an overlay, or one sentence."""

import json

import numpy as np
import pytest
from PIL import Image

from worker.compute.__main__ import main
from worker.compute.phantoms.stained_tiles import TileRecipe, make_stained_tile


def test_a_photograph_becomes_a_proposal_and_an_overlay(tmp_path, capsys):
    tile = make_stained_tile(TileRecipe(size_yx=(220, 220), nuclei=40, positive_share=0.5, seed=3))
    Image.fromarray(tile.rgb).save(tmp_path / "tile.png")
    out, overlay = tmp_path / "out.json", tmp_path / "overlay.png"
    region = ["--region", "0,0", "220,0", "220,220", "0,220"]
    assert main(["ihc", str(tmp_path / "tile.png"), str(out), "--overlay", str(overlay), *region]) == 0
    found = json.loads(out.read_text())
    assert found["percent_positive"] == pytest.approx(50, abs=4) and len(found["outlines"]) == found["nuclei"]
    assert Image.open(overlay).size == (220, 220) and "nuclei stain" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"no picture", "no JPEG"), (b"\xff\xd8\xff\xe0broken", "damaged"), (None, "no file")]
)
def test_a_broken_picture_is_one_sentence(tmp_path, capsys, content, sentence):
    path = tmp_path / "x.jpg"
    if content is not None:
        path.write_bytes(content)
    assert main(["ihc", str(path), str(tmp_path / "out.json")]) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1


def test_a_picture_cut_short_and_a_strange_region_are_refused(tmp_path, capsys):
    path = tmp_path / "x.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[:3000])
    assert main(["ihc", str(path), str(tmp_path / "out.json")]) == 2
    assert "damaged" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main(["ihc", str(path), str(tmp_path / "out.json"), "--region", "nan,1", "2,3"])
    assert ended.value.code == 2
