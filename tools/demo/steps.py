"""What a demo consists of, in order: each step's title, command and what it depends on."""

import hashlib
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

PYTHON = sys.executable
REPOSITORY = Path(__file__).resolve().parents[2]
SYNTHETIC_COHORT = "demo"
SYNTHETIC_PATIENTS = 44
SYNTHETIC_READERS = ("reader1", "reader2", "reader3")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One command that runs to its end.

    ``usual_s`` weighs the step in the time left. A step is done when it once succeeded with the same command and the
    same state of ``follows_from``. ``makes`` is removed before a first or changed run, so that a step that was
    interrupted starts clean. A command may report itself by lines that end in a percentage, ``Writing patients 40%``.
    """

    title: str
    command: tuple[str, ...]
    usual_s: float
    as_owner: bool = False
    follows_from: tuple[Path, ...] = ()
    makes: Path | None = None

    def log_name(self) -> str:
        """``step-import-dicom.log``."""
        return f"step-{_words(self.title)[:50]}.log"

    def fingerprint(self) -> str:
        """Changes when the step has to run again."""
        listing = [entry for path in self.follows_from for entry in _listing(path)]
        return hashlib.sha256(json.dumps([self.command, listing]).encode()).hexdigest()


def preparing_steps() -> list[Step]:
    """What the web server needs before it starts."""
    lock = REPOSITORY / "requirements" / "lock.txt"
    migrations = tuple(sorted((REPOSITORY / "backend").glob("*/migrations/*.py")))
    return [
        Step(
            title="Bring the database up to date",
            command=_manage("migrate"),
            usual_s=12,
            as_owner=True,
            follows_from=(*migrations, lock),
        ),
        Step(
            title="Collect the pages' files",
            # Nobody is far away: compressing the files would only cost time.
            command=_manage("collectstatic", "--clear", "--no-post-process"),
            usual_s=3,
            follows_from=(REPOSITORY / "backend" / "static", lock),
        ),
    ]


def synthetic_steps(root: Path, credentials: Path, patients: int = SYNTHETIC_PATIENTS) -> list[Step]:
    """A cohort of phantoms that takes the way of a hospital's data: import, jobs, dashboards."""
    phantom = root / "phantom"
    size = ("--patients", str(patients), "--matrix", "128", "--slices", "90")
    cohort = ("--cohort", SYNTHETIC_COHORT)
    return [
        Step(
            title=f"Make {patients} synthetic patients",
            command=(PYTHON, "-m", "worker.compute", "phantom", str(phantom), *size),
            usual_s=60,
            makes=phantom,
        ),
        _seed_step(credentials, *cohort, "--synthetic"),
        Step(title="Import DICOM", command=_manage("import_dicom", *cohort, str(phantom / "dicom")), usual_s=90),
        Step(
            title="Import clinical values",
            command=_manage("import_clinical", *cohort, str(phantom / "clinical.csv")),
            usual_s=5,
        ),
        Step(title="Build volumes", command=_manage("wait_for_jobs", *cohort), usual_s=60),
        *(_readings_step(phantom, reader, *cohort) for reader in SYNTHETIC_READERS),
        Step(title="Run every job", command=_manage("run_pipeline", *cohort), usual_s=300),
    ]


def _readings_step(phantom: Path, reader: str, *cohort: str) -> Step:
    """The synthetic readers drew in another program; their masks are handed in as those of a demo account."""
    number = reader.removeprefix("reader")
    chosen = ("--reader", reader, "--file", f"reader_{number}.*")
    return Step(
        title=f"Hand in the readings of {reader}",
        command=_manage("import_readings", *cohort, *chosen, str(phantom / "masks")),
        usual_s=15,
    )


def folder_steps(dicom: Path, credentials: Path) -> list[Step]:
    """A folder of one's own DICOM as a cohort of its own."""
    cohort = ("--cohort", cohort_slug(dicom))
    return [
        _seed_step(credentials, *cohort),
        Step(
            title=f"Import {dicom}",
            command=_manage("import_dicom", *cohort, str(dicom)),
            usual_s=120,
            follows_from=(dicom,),
        ),
        Step(title="Build volumes", command=_manage("wait_for_jobs", *cohort), usual_s=60, follows_from=(dicom,)),
    ]


def cohort_slug(folder: Path) -> str:
    """``/data/My Study 2`` becomes ``my-study-2``; never the slug of the synthetic cohort."""
    slug = _words(folder.resolve().name) or "imported"
    return f"{slug}-dicom" if slug == SYNTHETIC_COHORT else slug[:60].rstrip("-")


def _words(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _seed_step(credentials: Path, *cohort: str) -> Step:
    command = _manage("seed_demo", *cohort, "--secrets", str(credentials))
    return Step(title="Make the cohort and its accounts", command=command, usual_s=4, follows_from=(credentials,))


def _manage(command: str, *arguments: str) -> tuple[str, ...]:
    quiet = ("--noinput",) if command in {"migrate", "collectstatic"} else ()
    return (PYTHON, "manage.py", command, *quiet, *arguments)


def _listing(path: Path) -> list[tuple[str, int, int]]:
    files = sorted(found for found in path.rglob("*") if found.is_file()) if path.is_dir() else [path]
    return [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.exists()]
