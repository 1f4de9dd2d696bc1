"""Prints how long the viewer takes beside its peers; asserts nothing about time, for a busy machine proves nothing.

Peers, each in the same browser from the same server, cold: a bare download of the same bytes; an empty Cornerstone
page; the same volumes in a bare Cornerstone page (scrolling); Cornerstone's own streaming volumes filled slice by slice
by WADO-RS.
"""

import os

from rich.console import Console
from rich.table import Table

from tests.benchmarks.viewer.conftest import MATRIX, SLICES
from tests.benchmarks.viewer.interaction import measure_scrolling, measure_stroke
from tests.benchmarks.viewer.rows import Row
from tests.benchmarks.viewer.visits import measured, peer_address, viewer_times, visited

ALL_NETWORKS = {"20 Mbit/s": 20, "100 Mbit/s": 100, "loopback": None}
# ``PETRA_BENCH_NETWORKS`` names some of them, by commas, for a run that is to be short.
CHOSEN = os.environ.get("PETRA_BENCH_NETWORKS", ",".join(ALL_NETWORKS)).split(",")
NETWORKS = {name: ALL_NETWORKS[name.strip()] for name in CHOSEN}


def test_speed(bench, _chromium, capsys):
    rows: list[Row] = []
    for network, mbit_s in NETWORKS.items():
        rows += loading_rows(_chromium, bench, network, mbit_s)
    rows.append(measure_scrolling(_chromium, bench))
    notes = measure_stroke(_chromium, bench)
    with capsys.disabled():
        print_rows(rows, notes)


def loading_rows(browser, bench, network: str, mbit_s: float | None) -> list[Row]:
    def peer(what: str, **parameters) -> dict:
        with visited(browser, bench, peer_address(bench, what, **parameters), mbit_s) as page:
            return measured(page)

    with visited(browser, bench, bench.view, mbit_s) as page:
        viewer = viewer_times(page)
    size = {"width": 500, "height": 330}
    preview = peer("download", url=bench.previews)["all_ms"]
    empty = peer("empty", **size)["first_ms"]
    voxels = peer("download", url=bench.slabs)["all_ms"]
    slices = peer("slices", dicomweb=bench.dicomweb, manifest=bench.manifest, **size)
    first, every = viewer["first_ms"], viewer["all_ms"]
    print(f"{network}: {len(viewer['requests']) + 1} requests before the first image")
    return [
        Row(network, "first fused image", first, "download of previews + empty page", preview + empty, 1.5),
        Row(network, "first fused image", first, "slice by slice by WADO-RS", slices["first_ms"]),
        Row(network, "all voxels", every, "download of the same bytes", voxels, 1.5),
        Row(network, "all voxels", every, "slice by slice by WADO-RS", slices["all_ms"]),
    ]


def print_rows(rows: list[Row], notes: list[str]) -> None:
    title = f"Viewer, CT {MATRIX} × {MATRIX} × {SLICES} with its PET"
    table = Table("network", "what", "viewer s", "peer", "peer s", "ratio", "aim", title=title, title_justify="left")
    for row in rows:
        aim = f"≤ {row.limit}" if row.limit else ""
        figures = f"{row.viewer_ms / 1000:.2f}", row.peer, f"{row.peer_ms / 1000:.2f}", f"{row.ratio:.2f}"
        table.add_row(row.network, row.what, *figures, aim)
    console = Console(width=120)
    console.print(table)
    for note in notes:
        console.print(note)
