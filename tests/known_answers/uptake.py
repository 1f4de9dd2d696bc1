"""Uptake of small lesions as the server measures it, for the browser's live measures (frontend/tests/uptake.test.ts).

``python -m tests.known_answers.uptake`` writes uptake.json anew.
"""

import json
from pathlib import Path

import numpy as np

from worker.compute.types import Geometry, Volume
from worker.compute.uptake import lesion_uptake

FILE = Path(__file__).with_suffix(".json")
# SUVs are multiples of this, which float32 holds exactly, so that both sides start from the same numbers.
STEP_SUV_BW = 1 / 256
_TURNED = (0.8, -0.6, 0.0, 0.6, 0.8, 0.0, 0.0, 0.0, 1.0)
_GRIDS = {
    "cubes of 4 mm": ((4.0, 4.0, 4.0), (12, 11, 10), (1.0, 0, 0, 0, 1.0, 0, 0, 0, 1.0)),
    "thin and turned": ((2.04, 2.04, 3.27), (13, 12, 9), _TURNED),
    "coarser than the peak sphere": ((8.0, 8.0, 14.0), (7, 6, 5), (1.0, 0, 0, 0, 1.0, 0, 0, 0, 1.0)),
}


def known_answers() -> list[dict]:
    """One case per grid and lesion: geometry, SUVs, voxels, and what ``lesion_uptake`` says."""
    return [
        _case(f"{name}, {place}", *grid, place) for name, grid in _GRIDS.items() for place in ("inside", "at the edge")
    ]


def _case(name: str, spacing_mm: tuple, size_xyz: tuple, direction: tuple, place: str) -> dict:
    geometry = Geometry(size_xyz=size_xyz, spacing_mm=spacing_mm, origin_lps_mm=(-20.0, 3.0, 7.5), direction=direction)
    rng = np.random.default_rng(len(name))
    stored_zyx = rng.integers(0, 2048, size_xyz[::-1])
    suv_bw = Volume(array_zyx=(stored_zyx * STEP_SUV_BW).astype(np.float32), geometry=geometry, unit="SUVbw")
    mask_zyx = np.zeros(size_xyz[::-1], np.uint8)
    first = 0 if place == "at the edge" else 2
    mask_zyx[first : first + 2, first : first + 3, first : first + 3] = 1
    mask_zyx[first, first, first] = 0
    answer = lesion_uptake(suv_bw, Volume(array_zyx=mask_zyx, geometry=geometry, unit="mask")).to_json()
    return {
        "name": name,
        "geometry": {key: geometry.to_json()[key] for key in ("size_xyz", "spacing_mm", "origin_lps_mm", "direction")},
        "suv_bw_steps": stored_zyx.ravel().tolist(),
        "offsets": np.flatnonzero(mask_zyx).tolist(),
        "answer": answer,
    }


def as_text(cases: list[dict]) -> str:
    lines = ",\n".join(json.dumps(case) for case in cases)
    return f'{{"step_suv_bw": {STEP_SUV_BW}, "cases": [\n{lines}\n]}}\n'


if __name__ == "__main__":
    FILE.write_text(as_text(known_answers()))
