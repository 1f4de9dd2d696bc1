"""The Compose file is well formed, names every secret without a default, and fits the settings and Dockerfiles."""

import copy
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import jsonschema
import psycopg
import pytest
import yaml

from tests.docker.dockerfile import read_dockerfile, stages
from tools.services.launcher import running_services

REPOSITORY = Path(__file__).resolve().parents[2]
COMPOSE_PATH = REPOSITORY / "docker-compose.yml"
SCHEMA = json.loads((Path(__file__).parent / "compose_schema.json").read_text())
NGINX = REPOSITORY / "docker" / "nginx" / "petra.conf"
# May be left out; none of them is a secret.
OPTIONAL_VARIABLES = {"TORCH_CPU_INDEX", "PETRA_WORKER_QUEUES", "PETRA_WORKER_PROCESSES", "PETRA_WEB_PROCESSES"}
ANY_SECRET = "letters1and2digits3"


@pytest.fixture
def compose() -> dict:
    return yaml.safe_load(COMPOSE_PATH.read_text())


def variables() -> dict[str, set[str]]:
    """Each ``${NAME…}`` with what stands after the name, wherever it is used."""
    found: dict[str, set[str]] = {}
    for name, rest in re.findall(r"\$\{(\w+)([^}]*)\}", COMPOSE_PATH.read_text()):
        found.setdefault(name, set()).add(rest)
    return found


def test_it_follows_the_schema(compose: dict) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(compose)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda services: services["web"].update(enviroment={}),
        lambda services: services["web"].update(restart="sometimes"),
        lambda services: services["web"]["depends_on"].update(valkey={"condition": "ready"}),
        lambda services: services["valkey"]["healthcheck"].update(interval="soon"),
        lambda services: services["postgres"].pop("healthcheck"),
        lambda services: services["worker-cpu"].update(command="celery -A worker.main worker"),
    ],
)
def test_the_schema_refuses_what_is_wrong(compose: dict, spoil: Callable[[dict], None]) -> None:
    spoilt = copy.deepcopy(compose)
    spoil(spoilt["services"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(spoilt)


def test_every_part_of_an_installation_is_there(compose: dict) -> None:
    expected = {"nginx", "web", "worker-cpu", "worker-gpu", "worker-system", "beat", "postgres", "valkey", "migrate"}
    assert set(compose["services"]) == expected
    assert compose["services"]["worker-gpu"]["profiles"] == ["gpu"]
    assert all(compose["services"][name]["init"] for name in expected if name.startswith("worker"))


def test_secrets_have_no_default_and_say_what_to_set() -> None:
    for name, endings in variables().items():
        if name in OPTIONAL_VARIABLES:
            continue
        for ending in endings:
            assert re.fullmatch(r":\?set \w+.*", ending), f"{name} must be written ${{{name}:?set {name} …}}"


def test_no_service_holds_a_written_password(compose: dict) -> None:
    for name, service in compose["services"].items():
        for variable, value in service.get("environment", {}).items():
            if re.search("PASSWORD|KEY|AUTH", variable):
                assert re.fullmatch(r"\$\{\w+:\?.*\}", value), f"{name}: {variable}"


def test_what_the_production_settings_demand_is_given(compose: dict) -> None:
    settings = (REPOSITORY / "backend/config/settings/production.py").read_text()
    demanded = set(re.findall(r'os\.environ\["(\w+)"\]', settings))
    for name in ("web", "migrate", "worker-cpu", "worker-gpu", "worker-system", "beat"):
        assert demanded <= set(compose["services"][name]["environment"]), name


def test_only_migrations_know_the_owner_of_the_tables(compose: dict) -> None:
    for name, service in compose["services"].items():
        knows = "PETRA_OWNER_PASSWORD" in json.dumps(service.get("environment", {}))
        assert knows == (name in {"migrate", "postgres"}), name


def test_every_volume_network_file_and_target_exists(compose: dict) -> None:
    for name, service in compose["services"].items():
        assert set(service["networks"]) <= set(compose["networks"]), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or source.startswith("$") or (REPOSITORY / source).exists(), volume
        if "build" in service:
            targets = stages(read_dockerfile(REPOSITORY / service["build"]["dockerfile"]))
            assert service["build"]["target"] in targets, name


def test_every_queue_has_a_worker(compose: dict) -> None:
    from backend.config.celery import app

    commands = " ".join(" ".join(service.get("command", [])) for service in compose["services"].values())
    served = {queue for names in re.findall(r"-Q (\S+)", commands) for queue in re.findall(r"[a-z]+", names.lower())}
    assert {queue.name for queue in app.conf.task_queues} <= served


def test_only_nginx_is_reached_from_outside(compose: dict) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["nginx"]
    assert compose["networks"]["inside"] == {"internal": True}


def test_nginx_takes_a_whole_chunk_and_never_shows_stored_files_by_itself() -> None:
    from backend.config.settings.base import DATA_UPLOAD_MAX_MEMORY_SIZE

    text = NGINX.read_text()
    [megabytes] = re.findall(r"client_max_body_size (\d+)m;", text)
    assert int(megabytes) * 2**20 > DATA_UPLOAD_MAX_MEMORY_SIZE
    [protected] = re.findall(r"location /protected/ \{(.*?)\n    \}", text, re.DOTALL)
    assert protected.split()[:2] == ["internal;", "alias"]


def test_nginx_reads_its_configuration(tmp_path: Path) -> None:
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if nginx is None or shutil.which("openssl") is None:
        pytest.skip("nginx and openssl are not here to read docker/nginx/petra.conf")
    request = "req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -keyout privkey.pem -out fullchain.pem"
    subprocess.run(["openssl", *request.split()], cwd=tmp_path, capture_output=True, check=True)
    # The upstream's name resolves only inside Compose, and `http2 on` is younger than Debian's nginx.
    text = NGINX.read_text().replace("/etc/nginx/tls", str(tmp_path)).replace("web:8000", "127.0.0.1:8000")
    (tmp_path / "petra.conf").write_text(text.replace("http2 on;", ""))
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid; events {{}} http {{ include {tmp_path}/petra.conf; }}")
    answer = subprocess.run([nginx, "-t", "-c", str(whole)], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr


def test_the_roles_of_an_installation_are_those_of_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "PG_BIN"):
        monkeypatch.delenv(name, raising=False)
    script = REPOSITORY / "docker" / "postgres" / "10-roles.sh"
    with running_services(tmp_path, durable=False) as services:
        folder = services["DATABASE_URL"].partition("host=")[2]
        admin = f"postgresql://petra_owner@/postgres?host={folder}"
        with psycopg.connect(admin, autocommit=True) as connection:
            # The private server starts with PETRA's names; the container's first start has none of them.
            connection.execute("CREATE ROLE postgres LOGIN SUPERUSER")
        with psycopg.connect(f"postgresql://postgres@/postgres?host={folder}", autocommit=True) as connection:
            connection.execute("DROP DATABASE petra")
            connection.execute("ALTER ROLE petra_owner RENAME TO initial_user")
        path = f"{services['PG_BIN']}{os.pathsep}{os.environ['PATH']}"
        secrets = {"PETRA_OWNER_PASSWORD": ANY_SECRET, "PETRA_DATABASE_PASSWORD": ANY_SECRET}
        variables = {"POSTGRES_USER": "postgres", "PGHOST": folder, "PATH": path, **secrets}
        subprocess.run(["sh", str(script)], env=os.environ | variables, capture_output=True, check=True)
        owner, application = (f"postgresql://{role}@/petra?host={folder}" for role in ("petra_owner", "petra"))
        with psycopg.connect(owner) as connection:
            connection.execute("CREATE TABLE made_by_owner (number serial)")
        with psycopg.connect(application, autocommit=True) as connection:
            connection.execute("INSERT INTO made_by_owner DEFAULT VALUES")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("DROP TABLE made_by_owner")
