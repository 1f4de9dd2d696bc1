"""Docker cannot run in the suite, so each step of the Dockerfiles is checked for what would stop a build."""

import ast
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.docker.dockerfile import Instruction, read_dockerfile, stages

REPOSITORY = Path(__file__).resolve().parents[2]
DOCKERFILES = sorted((REPOSITORY / "docker").glob("*/Dockerfile"))
STEPS = [(path, step) for path in DOCKERFILES for step in read_dockerfile(path)]
# Built on the way, so not in a fresh checkout.
MADE_BY_AN_EARLIER_STEP = {"backend/static/dist"}


def named(*keywords: str) -> list:
    chosen = [(path, step) for path, step in STEPS if step.keyword in keywords]
    return [pytest.param(path, step, id=f"{path.parent.name}: {step.value[:60]}") for path, step in chosen]


def test_there_is_a_dockerfile_for_web_and_worker() -> None:
    assert [path.parent.name for path in DOCKERFILES] == ["web", "worker"]
    assert {"cpu", "gpu"} <= set(stages(read_dockerfile(REPOSITORY / "docker/worker/Dockerfile")))


@pytest.mark.parametrize(("path", "step"), named("RUN"))
def test_every_run_is_valid_shell(path: Path, step: Instruction) -> None:
    answer = subprocess.run(["sh", "-n"], input=step.value, text=True, capture_output=True, check=False)
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize(("path", "step"), named("COPY"))
def test_every_copied_file_exists(path: Path, step: Instruction) -> None:
    words = step.words()
    origin = next((word.removeprefix("--from=") for word in words if word.startswith("--from=")), None)
    if origin is not None:
        assert origin in stages(read_dockerfile(path))
        return
    for source in words[:-1]:
        assert source in MADE_BY_AN_EARLIER_STEP or (REPOSITORY / source).exists(), source


@pytest.mark.parametrize(("path", "step"), named("FROM"))
def test_every_base_is_an_earlier_stage_or_a_pinned_image(path: Path, step: Instruction) -> None:
    base = step.words()[0]
    assert base in stages(read_dockerfile(path)) or re.fullmatch(r"[a-z/]+:[0-9][\w.-]*", base), base


@pytest.mark.parametrize(("path", "step"), named("RUN"))
def test_every_debian_package_exists(path: Path, step: Instruction) -> None:
    install = re.search(r"apt-get install (?P<names>[^&]*)", step.value)
    if install is None:
        return
    if shutil.which("apt-cache") is None:
        pytest.skip("apt-cache is not here to look Debian packages up")
    for name in (word for word in install["names"].split() if not word.startswith("-")):
        found = subprocess.run(["apt-cache", "policy", name], capture_output=True, text=True, check=False).stdout
        if "Candidate" not in found and not Path("/var/lib/apt/lists").glob("*Packages*"):
            pytest.skip("apt has no package lists yet: run apt-get update")
        assert "Candidate" in found, f"{name} is no Debian package"


@pytest.mark.parametrize(("path", "step"), named("RUN"))
def test_every_file_that_pip_reads_was_copied_before(path: Path, step: Instruction) -> None:
    copied = {target(one) for one in read_dockerfile(path) if one.keyword == "COPY"}
    for name in re.findall(r"(?:-r|-c) (\S+)", step.value) if "pip" in step.value else []:
        assert name in copied, name


def target(copy: Instruction) -> str:
    *_, source, place = copy.words()
    return source if place == "./" else place


@pytest.mark.parametrize(("path", "step"), named("CMD"))
def test_images_start_in_exec_form_so_that_signals_arrive(path: Path, step: Instruction) -> None:
    assert step.value.startswith("[")
    assert shutil.which(step.words()[0], path=str(Path(sys.executable).parent)), step.words()[0]


def test_images_run_as_a_plain_user() -> None:
    for path in DOCKERFILES:
        users = [step.value for step in read_dockerfile(path) if step.keyword == "USER"]
        assert users == ["petra"], path


@pytest.mark.parametrize("script", sorted(REPOSITORY.glob("docker/*/*.sh")), ids=lambda path: path.name)
def test_scripts_are_valid_and_executable(script: Path) -> None:
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0
    assert script.stat().st_mode & 0o111


def web_requirements() -> list[Requirement]:
    lines = (REPOSITORY / "docker/web/requirements.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def installed_with(requirements: list[Requirement]) -> set[str]:
    """The canonical names of these distributions and all that they need."""
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [one for one in requirements if one.marker is None or one.marker.evaluate()]
    while waiting:
        one = waiting.pop()
        key = (canonicalize_name(one.name), frozenset(one.extras))
        if key in seen:
            continue
        seen.add(key)
        for text in metadata.requires(one.name) or []:
            needed = Requirement(text)
            extras = one.extras or {""}
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(needed)
    return {name for name, _ in seen}


def test_the_web_image_installs_what_the_backend_imports_and_no_more_of_science() -> None:
    installed = installed_with(web_requirements())
    owners = metadata.packages_distributions()
    imported = imported_modules(REPOSITORY / "backend") - sys.stdlib_module_names
    packages = {module: {canonicalize_name(name) for name in owners.get(module, [])} for module in imported}
    assert not {module for module, names in packages.items() if names and not names & installed}
    assert not installed & {"torch", "simpleitk", "pyradiomics-bhklab", "nnunetv2", "scikit-learn"}


def imported_modules(folder: Path) -> set[str]:
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                found.add(node.module.partition(".")[0])
    return found


def test_every_version_of_the_web_image_is_locked() -> None:
    lock = (REPOSITORY / "requirements/lock.txt").read_text().splitlines()
    locked = {canonicalize_name(Requirement(line).name) for line in lock if line and line[0] not in "#-"}
    missing = installed_with(web_requirements()) - locked
    assert not missing
