"""Twenty readers save a stroke a second on a clinical PET grid and a real server: no error, and how long they wait.

``PETRA_LOAD_SECONDS`` (120 in ``make bench``), ``PETRA_LOAD_READERS`` and ``PETRA_LOAD_SLICES`` (260 slices of
192 × 192 are 9.6 million voxels) say how much; without them it is a short run on a small grid.
"""

import base64
import hashlib
import logging
import os
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx
import numpy as np
import pytest
from django.test import Client

from backend.annotations.models import Mask
from backend.annotations.selectors import newest_revision
from backend.annotations.services.edits import Edit
from backend.annotations.services.masks import read_labelmap
from backend.cohorts.models import Role
from backend.imaging.models import Volume
from tests.e2e.conftest import live_server_url  # noqa: F401  (a fixture)
from tests.factories.edits import edit_between
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import TUMOUR, make_assignment, make_voxel_case

SECONDS = float(os.environ.get("PETRA_LOAD_SECONDS", "5"))
READERS = int(os.environ.get("PETRA_LOAD_READERS", "20"))
SLICES = int(os.environ.get("PETRA_LOAD_SLICES", "24"))
MATRIX = 192 if SLICES > 24 else 32
PERIOD_S = 1.0


@dataclass
class Reader:
    """One simulated person: what is drawn, what is confirmed, and how long every save took."""

    assignment: object
    cookies: dict
    labels: np.ndarray
    parent: str | None = None
    waits_s: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    sent_bytes: int = 0

    def read(self, address: str, start: float, phase: float) -> None:
        url = f"/cohorts/load/assignments/{self.assignment.pk}/revisions/"
        chance = np.random.default_rng(int(phase * 1000))
        with httpx.Client(base_url=address, cookies=self.cookies, timeout=60) as client:
            accept = {"Accept": "application/json"}
            token = client.get(url, headers=accept).json()["csrf_token"]
            due = start + phase
            while due < start + SECONDS:
                time.sleep(max(0.0, due - time.monotonic()))
                self._save(client, url, {**accept, "X-CSRFToken": token}, chance)
                # Whoever waited longer than a second has the next stroke ready at once.
                due = max(due + PERIOD_S, time.monotonic())

    def _save(self, client: httpx.Client, url: str, headers: dict, chance: np.random.Generator) -> None:
        edit = self._stroke(chance)
        body = {
            "parent_revision": self.parent,
            "lesions": TUMOUR,
            "client_key": str(uuid.uuid4()),
            "runs_gzip_base64": base64.b64encode(edit.runs_gzip).decode(),
            "sha256": edit.sha256,
        }
        began = time.monotonic()
        answer = client.post(url, json=body, headers=headers)
        self.waits_s.append(time.monotonic() - began)
        self.sent_bytes += len(answer.request.content)
        if answer.status_code != 201 or answer.json()["branch"]:
            self.errors.append(f"{answer.status_code} {answer.text[:200]}")
            return
        self.parent = answer.json()["revision"]["id"]

    def _stroke(self, chance: np.random.Generator) -> Edit:
        """A sphere of the brush somewhere in the middle; as in the browser, only its slices are looked at."""
        labels, radius = self.labels, 4
        centre = [int(chance.integers(size // 3, 2 * size // 3)) for size in labels.shape]
        z, y, x = (slice(middle - radius, middle + radius + 1) for middle in centre)
        before = labels[z].copy()
        dz, dy, dx = np.ogrid[-radius : radius + 1, -radius : radius + 1, -radius : radius + 1]
        labels[z, y, x][dz * dz + dy * dy + dx * dx <= radius * radius] = 1
        runs = edit_between(before, labels[z], first_voxel=z.start * labels[0].size).runs_gzip
        return Edit(runs_gzip=runs, sha256=hashlib.sha256(labels).hexdigest())


def make_readers() -> list[Reader]:
    """Every reader has the same case: the lock of one reader's saves must not hold up the others."""
    cohort = make_cohort("load")
    case = make_voxel_case(cohort)
    geometry = {**case.pet.geometry, "size_xyz": [MATRIX, MATRIX, SLICES]}
    Volume.objects.filter(pk=case.pet_id).update(geometry=geometry)
    readers = []
    for _ in range(READERS):
        person = make_member(cohort, Role.READER)
        session = Client()
        session.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        cookies = {name: morsel.value for name, morsel in session.cookies.items()}
        labels = np.zeros((SLICES, MATRIX, MATRIX), np.uint8)
        readers.append(Reader(make_assignment(case, person), cookies, labels))
    return readers


@pytest.mark.django_db(transaction=True)
def test_twenty_readers_save_a_stroke_a_second(live_server_url, capsys):  # noqa: F811
    # A line for each of thousands of saves would cost more than the saves themselves.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    readers = make_readers()
    start = time.monotonic() + 0.5
    with ThreadPoolExecutor(READERS) as pool:
        done = [
            pool.submit(one.read, live_server_url, start, PERIOD_S * number / READERS)
            for number, one in enumerate(readers)
        ]
        for future in done:
            future.result()
    waits_ms = np.array([wait for one in readers for wait in one.waits_s]) * 1000
    p50, p95, p99 = np.percentile(waits_ms, [50, 95, 99])
    sent_kb = sum(one.sent_bytes for one in readers) / len(waits_ms) / 1000
    with capsys.disabled():
        print(
            f"\n{READERS} readers, {SECONDS:.0f} s, PET {MATRIX} × {MATRIX} × {SLICES}: {len(waits_ms)} saves of "
            f"{sent_kb:.1f} kB, p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms, longest {waits_ms.max():.0f} ms"
        )
    assert [error for one in readers for error in one.errors] == []
    assert Mask.objects.count() == len(waits_ms)
    for one in readers[:3]:
        assert read_labelmap(newest_revision(one.assignment)) == one.labels.tobytes()
