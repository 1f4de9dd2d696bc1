"""``python -m tools.demo [--dicom FOLDER]``: starts PETRA, fills it, prints where it is, and stays until Ctrl-C."""

import argparse
import os
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tools.demo import steps
from tools.demo.children import FIRST_PORT, Child, free_port, petra_children, running, wait_for_health
from tools.demo.credentials import ACCOUNTS, Credentials, load_or_make, write_environment
from tools.demo.runner import Runner
from tools.demo.state import State
from tools.services.errors import ServicesError
from tools.services.launcher import exit_on_termination, running_services


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 after Ctrl-C, 1 when something of the demo failed, 2 when it could not start."""
    args = build_parser().parse_args(arguments)
    if args.dicom is not None and not args.dicom.is_dir():
        print(f"{args.dicom} is not a folder: name the folder that holds the DICOM files.", file=sys.stderr)
        return 2
    exit_on_termination()
    console = Console()
    try:
        run_demo(console, args)
    except ServicesError as error:
        console.print(f"\n{error}", style="red", markup=False, highlight=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("\nStopped. Everything is kept: `make demo` goes on where it was.")
    return 0


def build_parser() -> argparse.ArgumentParser:
    """The options of ``make demo``."""
    parser = argparse.ArgumentParser(prog="python -m tools.demo", description=__doc__)
    parser.add_argument("--dir", type=Path, default=steps.REPOSITORY / ".demo", help="where everything is kept")
    parser.add_argument("--dicom", type=Path, help="a folder of DICOM to import as a cohort of its own")
    parser.add_argument("--patients", type=int, default=steps.SYNTHETIC_PATIENTS, help="size of the synthetic cohort")
    parser.add_argument(
        "--port", type=int, default=FIRST_PORT, help="the web server's port (default: 8000, or the next free one)"
    )
    return parser


def run_demo(console: Console, args: argparse.Namespace) -> None:
    """Services, then the database, then PETRA's processes, then the steps that fill it."""
    root: Path = args.dir.resolve()
    logs = root / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    console.print("[bold]PETRA demo[/bold]: starting PostgreSQL and Valkey")
    with running_services(root) as services:
        credentials = load_or_make(root / "secrets.json")
        variables = demo_variables(root, services, credentials)
        write_environment(root / "env.sh", variables)
        environment = {**os.environ, **variables, "PYTHONUNBUFFERED": "1"}
        state = State(root / "state.json")
        Runner(console, state, logs, check=lambda: None).run(steps.preparing_steps(), environment)
        chosen_port = free_port(args.port)
        children = petra_children(logs, chosen_port)
        # Web and worker never learn the owner's address.
        with running(children, without_owner(environment)):
            address = f"http://localhost:{chosen_port}"
            wait_for_health(f"http://127.0.0.1:{chosen_port}", children)
            console.print(f"  The web server answers at {address}")
            runner = Runner(console, state, logs, check=lambda: check_all(children))
            runner.run(filling_steps(args, root, credentials), without_owner(environment))
            print_welcome(console, address, credentials, args.dicom)
            stay(children)


def demo_variables(root: Path, services: dict[str, str], credentials: Credentials) -> dict[str, str]:
    """What every process of the demo is told, beside what the terminal's own environment says."""
    own = {
        "DJANGO_SETTINGS_MODULE": "backend.config.settings.development",
        "PETRA_DATA_DIR": str(root / "files"),
        "PETRA_STATIC_ROOT": str(root / "static"),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    return {**services, **credentials.environment(), **own}


def without_owner(environment: dict[str, str]) -> dict[str, str]:
    """The environment of everything but migrations: the address of the tables' owner is left out."""
    return {name: value for name, value in environment.items() if name != "MIGRATION_DATABASE_URL"}


def filling_steps(args: argparse.Namespace, root: Path, credentials: Credentials) -> list[steps.Step]:
    """The synthetic cohort, or the folder that was named."""
    if args.dicom:
        return steps.folder_steps(args.dicom.resolve(), credentials.path)
    return steps.synthetic_steps(root, credentials.path, args.patients)


def check_all(children: list[Child]) -> None:
    for child in children:
        child.check()


def print_welcome(console: Console, address: str, credentials: Credentials, dicom: Path | None) -> None:
    """The address and one account per role."""
    cohort = steps.cohort_slug(dicom) if dicom else steps.SYNTHETIC_COHORT
    table = Table(box=None, padding=(0, 3, 0, 2))
    for heading in ("Role", "User", "Password"):
        table.add_column(heading)
    for name, role in ACCOUNTS.items():
        table.add_row(role, name, credentials.passwords[name])
    console.print(f"\n[bold]PETRA is ready: {address}[/bold]   cohort {cohort}   research use only\n")
    console.print(table)
    console.print("\nCtrl-C stops it and loses nothing.")


def stay(children: list[Child]) -> None:
    """Waits for Ctrl-C, or for the end of a process that should not have ended."""
    while True:
        check_all(children)
        time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
