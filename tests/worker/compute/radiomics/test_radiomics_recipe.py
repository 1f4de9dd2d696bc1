"""recipe.py: bin widths by modality, one hash per set of settings, JSON there and back."""

import json
from dataclasses import replace

import pytest

from worker.compute.radiomics.recipe import Recipe, standard_recipe


@pytest.mark.parametrize(("modality", "bin_width"), [("ct", 25.0), ("pet", 0.1)])
def test_bin_width_follows_the_modality(modality, bin_width):
    recipe = standard_recipe("tumour", modality)
    assert recipe.bin_width == recipe.pyradiomics_settings()["binWidth"] == bin_width


def test_json_gives_the_same_recipe_back():
    recipe = standard_recipe("bat", "pet")
    again = Recipe.from_json(json.loads(json.dumps(recipe.to_json())))
    assert again == recipe
    assert again.sha256 == recipe.sha256


def test_every_setting_changes_the_hash():
    recipe = standard_recipe("tumour")
    changed = [
        replace(recipe, bin_width=20.0),
        replace(recipe, log_sigmas_mm=(2.0, 5.0)),
        replace(recipe, version=recipe.version + 1),
        standard_recipe("tumour", "pet"),
        standard_recipe("bat"),
    ]
    assert len({recipe.sha256, *(other.sha256 for other in changed)}) == 1 + len(changed)


def test_images_carry_the_sigmas_in_their_names():
    assert standard_recipe("tumour").image_names[-2:] == ("log-sigma-3-0-mm-3D", "log-sigma-5-0-mm-3D")
    assert len(standard_recipe("bat").image_names) == 19
