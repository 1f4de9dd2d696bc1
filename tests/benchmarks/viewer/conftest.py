"""The platform as production serves it (compressed static files), one imported case, and a reader who is signed in."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import celery_worker_process, own_database, wait_until  # noqa: F401
from tests.e2e.conftest import PASSWORD, _chromium, sign_in, web_server  # noqa: F401
from tools.build_frontend import FRONTEND, find_npm

MATRIX, SLICES = int(os.environ.get("PETRA_BENCH_MATRIX", 128)), int(os.environ.get("PETRA_BENCH_SLICES", 90))
SLUG, READER = "bench", "reader1"
IMPORT_LIMIT_S = 900


@dataclass(frozen=True)
class Bench:
    """Where everything is; ``cookies`` are those of a reader who is signed in."""

    root: str
    view: str
    manifest: str
    dicomweb: str
    previews: tuple[str, ...]
    slabs: tuple[str, ...]
    cookies: dict


@pytest.fixture(scope="session")
def assignment(celery_worker_process, django_db_blocker, tmp_path_factory) -> Iterator:  # noqa: F811
    """A reader's task on a synthetic case of the size that was asked for, imported by the real worker."""
    from django.core.management import call_command

    from backend.jobs.models import Job

    folder = tmp_path_factory.mktemp("bench")
    secrets = folder / "secrets.json"
    secrets.write_text(json.dumps({"passwords": {READER: PASSWORD}}))
    with django_db_blocker.unblock():
        call_command("seed_demo", "--cohort", SLUG, "--secrets", str(secrets), "--synthetic")
        call_command("import_dicom", "--cohort", SLUG, str(_phantom(folder)))
        in_flight = Job.objects.in_flight()
        wait_until(lambda: not in_flight.exists(), timeout_s=IMPORT_LIMIT_S, what="the case is imported")
        yield _assign()


def _phantom(folder: Path) -> Path:
    """The DICOM of one patient; PETRA_BENCH_DICOM names a folder that a former run has written."""
    from worker.compute.phantoms.cohort import CohortRequest, write_patient
    from worker.compute.phantoms.plan import plan_cohort

    if os.environ.get("PETRA_BENCH_DICOM"):
        return Path(os.environ["PETRA_BENCH_DICOM"])
    request = CohortRequest(patients=1, matrix=MATRIX, slices=SLICES)
    plan = next(plan for plan in plan_cohort(1, request.effect, request.seed) if not plan.exclusion)
    write_patient(plan, request, folder / "phantom")
    return folder / "phantom" / "dicom"


def _assign():
    from backend.accounts.models import User
    from backend.annotations.services.assigning import assign_one
    from backend.imaging.models import Case

    case = Case.objects.filter(patient__cohort__slug=SLUG).first()
    return assign_one(case=case, reader=User.objects.get(username=READER), target="tumour", actor=None)


@pytest.fixture(scope="session")
def bench(assignment, _chromium, tmp_path_factory) -> Iterator[Bench]:  # noqa: F811
    """Everything that a measurement needs; each takes the cookies into a browser with an empty cache."""
    with web_server(tmp_path_factory.mktemp("web"), prepare=_as_in_production) as root:
        yield bench_at(root, assignment, _chromium)


def _as_in_production(static_root: Path) -> None:
    """Compressed static files, the peers' page among them at /static/peers/."""
    _build_peers(static_root / "peers")
    subprocess.run([sys.executable, "-m", "whitenoise.compress", "-q", str(static_root)], check=True)


def _build_peers(folder: Path) -> None:
    npm = find_npm()
    build = ["exec", "--", "vite", "build", "-c", "tests/benchmarks/vite.config.ts", "--logLevel", "error"]
    environment = {**os.environ, "OUT": str(folder), "PATH": f"{Path(npm[0]).parent}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run([*npm, *build], cwd=FRONTEND, env=environment, check=True)


def bench_at(root: str, assignment, browser) -> Bench:
    """Signs the reader in once."""
    context = browser.new_context(base_url=root)
    sign_in(context.new_page(), READER)
    here = f"/cohorts/{SLUG}/assignments/{assignment.pk}"
    volumes = context.request.get(f"{here}/manifest/").json()["volumes"].values()
    cookies = context.storage_state()
    context.close()
    return Bench(
        root=root,
        view=f"{here}/view/",
        manifest=f"{here}/manifest/",
        dicomweb=f"/api/v1/cohorts/{SLUG}/dicomweb",
        previews=tuple(volume["preview"]["url"] for volume in volumes),
        slabs=tuple(slab["url"] for volume in volumes for slab in volume["slabs"]),
        cookies=cookies,
    )
