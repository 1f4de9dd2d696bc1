"""Twenty people open every list and board of a cohort of 10,000 patients, and of one of 100: how long each page takes.

``PETRA_LISTS_PATIENTS`` (10000 in ``make bench``), ``PETRA_LISTS_SECONDS`` per cohort and ``PETRA_LISTS_PEOPLE`` say
how much; without them it is a short run on few patients. Each person looks at a page for ``PAUSE_S`` before the next.
"""

import logging
import os
import random
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pytest
from django.db import connection
from django.test import Client
from rich.console import Console
from rich.table import Table

from tests.backend.dashboards.test_list_queries import COORDINATOR, READER, addresses, freeze, person
from tests.e2e.conftest import live_server_url  # noqa: F401  (a fixture)
from tests.factories.large_cohort import LargeCohort

PATIENTS = int(os.environ.get("PETRA_LISTS_PATIENTS", "40"))
FEW = int(os.environ.get("PETRA_LISTS_FEW", "20"))
SECONDS = float(os.environ.get("PETRA_LISTS_SECONDS", "2"))
PEOPLE = int(os.environ.get("PETRA_LISTS_PEOPLE", "4"))
PAUSE_S = float(os.environ.get("PETRA_LISTS_PAUSE", "2" if SECONDS > 10 else "0.1"))
LIMIT_MS = 300.0


def pages_of(large: LargeCohort) -> list[tuple[str, str]]:
    slug = large.cohort.slug
    deep = max(1, len(large.patients) // 50)
    more = [
        (COORDINATOR, f"/cohorts/{slug}/board/?page={deep}"),
        (COORDINATOR, f"/cohorts/{slug}/board/?search={large.patients[-1].pseudonym[6:10]}"),
        (COORDINATOR, f"/cohorts/{slug}/assignments/?page={deep}"),
        (COORDINATOR, f"/cohorts/{slug}/datasets/1/"),
        (READER, f"/cohorts/{slug}/patients/{large.patients[-1].pseudonym}/"),
    ]
    return [*addresses(slug), *more]


def session_of(user) -> dict[str, str]:
    session = Client()
    session.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return {name: morsel.value for name, morsel in session.cookies.items()}


def walk(address: str, cookies: dict, pages: list, seed: int, end: float) -> list[tuple[str, float, int]]:
    """One person: (page, milliseconds, status) of every page that was opened until ``end``."""
    chance, seen = random.Random(seed), []
    with httpx.Client(base_url=address, timeout=60) as client:
        time.sleep(chance.uniform(0, PAUSE_S))
        while time.monotonic() < end:
            for who, page in chance.sample(pages, len(pages)):
                if time.monotonic() >= end:
                    break
                began = time.monotonic()
                answer = client.get(page, cookies=cookies[who])
                seen.append((page, (time.monotonic() - began) * 1000, answer.status_code))
                time.sleep(PAUSE_S * chance.uniform(0.5, 1.5))
    return seen


def measured(address: str, large: LargeCohort) -> dict[str, list[float]]:
    """The waits of every page, by its address without the cohort."""
    pages = pages_of(large)
    sessions = [{who: session_of(person(large, who)) for who in {who for who, _ in pages}} for _ in range(PEOPLE)]
    end = time.monotonic() + SECONDS
    waits: dict[str, list[float]] = defaultdict(list)
    refused = []
    with ThreadPoolExecutor(PEOPLE) as pool:
        people = [pool.submit(walk, address, own, pages, seed, end) for seed, own in enumerate(sessions)]
        for one in people:
            for page, wait, status in one.result():
                waits[named(page, large)].append(wait)
                refused += [(page, status)] if status != 200 else []
    assert not refused, refused[:3]
    return waits


def named(page: str, large: LargeCohort) -> str:
    """The same name for the same page of both cohorts."""
    name = page.removeprefix(f"/cohorts/{large.cohort.slug}/").replace(large.patients[-1].pseudonym, "…")
    return name.replace(f"page={max(1, len(large.patients) // 50)}", "page=last").replace(
        large.patients[-1].pseudonym[6:10], "…"
    )


def print_waits(many: dict[str, list[float]], few: dict[str, list[float]]) -> None:
    table = Table(title=f"{PEOPLE} people, a page every {PAUSE_S:g} s each", title_justify="left")
    for heading in ("page", f"p50 at {FEW}", f"p95 at {FEW}", f"p50 at {PATIENTS}", f"p95 at {PATIENTS}", "ratio", "n"):
        table.add_column(heading, justify="left" if heading == "page" else "right", no_wrap=True)
    for page in sorted(many):
        small, large = np.percentile(few.get(page, [np.nan]), [50, 95]), np.percentile(many[page], [50, 95])
        mark = "" if large[1] < LIMIT_MS else " (slow)"
        cells = [f"{value:.0f}" for value in (*small, *large)]
        table.add_row(page + mark, *cells, f"{large[0] / small[0]:.1f}", str(len(many[page])))
    together = [np.concatenate([np.array(w) for w in waits.values()]) for waits in (few, many)]
    cells = [f"{value:.0f}" for waits in together for value in np.percentile(waits, [50, 95])]
    ratio = np.median(together[1]) / np.median(together[0])
    table.add_row("all pages, ms", *cells, f"{ratio:.1f}", str(len(together[1])))
    Console(width=130).print(table)


@pytest.mark.django_db(transaction=True)
def test_every_list_opens_beside_a_cohort_of_few(live_server_url, capsys):  # noqa: F811
    logging.getLogger("httpx").setLevel(logging.WARNING)
    began = time.monotonic()
    few, many = LargeCohort("few", FEW), LargeCohort("many", PATIENTS)
    for large in (few, many):
        freeze(large)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    made_s = time.monotonic() - began
    waits = {size.cohort.slug: measured(live_server_url, size) for size in (few, many)}
    with capsys.disabled():
        print(f"\n{PATIENTS} patients with {len(many.handed_in) * len(many.readers)} readings, made in {made_s:.1f} s")
        print_waits(waits["many"], waits["few"])
    assert set(waits["many"]) and all(waits["many"].values())
