"""A real server is killed between the received stroke and its commit: sent again, it is there once and whole."""

import base64
import json
import os
import socket
import subprocess
import sys
import threading
import uuid

import httpx
import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client

from backend.annotations.models import Mask
from backend.annotations.selectors import newest_revision
from backend.annotations.services import drawing
from backend.annotations.services.drawing import save_mask
from backend.annotations.services.masks import read_labelmap
from backend.cohorts.models import Role
from tests.conftest import ROOT, stop_process_group, wait_until
from tests.factories.edits import edit_between
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import TUMOUR, block, draw, make_assignment, make_voxel_case

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def assignment():
    cohort = make_cohort("faults")
    return make_assignment(make_voxel_case(cohort), make_member(cohort, Role.READER))


class Server:
    """uvicorn on the test database, started again whenever it died."""

    def __init__(self, folder) -> None:
        self.flag, self.log = folder / "die", folder / "web.log"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def start(self) -> None:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "backend.config.settings.testing",
            "PETRA_TEST_WORKER": connection.settings_dict["NAME"],
            "PETRA_DIE_FLAG": str(self.flag),
        }
        command = [sys.executable, "-m", "uvicorn", "tests.faults.dying_web:application", "--port", str(self.port)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=self.log.open("ab"), stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        wait_until(self._answers, timeout_s=60, what="the server answers")

    def _answers(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/health/").status_code == 200
        except httpx.HTTPError:
            return False


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path)
    server.start()
    yield server
    stop_process_group(server.process)


def signed_in_client(server: Server, user) -> httpx.Client:
    session = Client()
    session.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    cookies = {name: morsel.value for name, morsel in session.cookies.items()}
    return httpx.Client(base_url=f"http://127.0.0.1:{server.port}", cookies=cookies, timeout=60)


def body_of(parent, before: np.ndarray, after: np.ndarray) -> dict:
    edit = edit_between(before, after)
    return {
        "parent_revision": str(parent.pk),
        "lesions": TUMOUR,
        "client_key": str(uuid.uuid4()),
        "runs_gzip_base64": base64.b64encode(edit.runs_gzip).decode(),
        "sha256": edit.sha256,
    }


def test_killed_between_receive_and_commit_the_stroke_is_kept_once_when_it_is_sent_again(assignment, server):
    before, after = block(assignment.case), block(assignment.case, size=5)
    parent = draw(assignment, before)
    body, url = body_of(parent, before, after), f"/cohorts/faults/assignments/{assignment.pk}/revisions/"
    with signed_in_client(server, assignment.reader) as client:
        token = client.get(url, headers={"Accept": "application/json"}).json()["csrf_token"]
        headers = {"X-CSRFToken": token, "Accept": "application/json"}
        server.flag.touch()
        with pytest.raises(httpx.TransportError):
            client.post(url, json=body, headers=headers)
        assert server.process.wait(10) == -9
        assert newest_revision(assignment) == parent, "nothing half-done is there"

        server.flag.unlink()
        server.start()
        answers = [client.post(url, json=body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["revision"] == answers[1].json()["revision"]
    kept = newest_revision(assignment)
    assert Mask.objects.filter(assignment=assignment).count() == 2
    assert (kept.parent, kept.is_branch, read_labelmap(kept)) == (parent, False, after.tobytes())


def test_a_database_connection_that_is_lost_before_the_commit_loses_nothing_either(assignment, monkeypatch):
    labels, key = block(assignment.case), uuid.uuid4()
    edit = edit_between(np.zeros_like(labels), labels)
    save = {"assignment": assignment, "actor": assignment.reader, "parent_id": None, "lesions": TUMOUR}
    record, lost = drawing.record_mask, []

    def record_and_lose_the_connection(**values):
        mask = record(**values)
        if not lost:
            lost.append(mask)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                terminate(cursor.fetchone()[0])
        return mask

    monkeypatch.setattr(drawing, "record_mask", record_and_lose_the_connection)
    with pytest.raises(Exception, match="terminat|closed|lost"):
        save_mask(**save, edit=edit, client_key=key)
    connection.close()
    assert not Mask.objects.exists() and default_storage.exists(lost[0].storage_key)
    kept = save_mask(**save, edit=edit, client_key=key).mask
    assert kept.storage_key == lost[0].storage_key and read_labelmap(kept) == labels.tobytes()
    assert Mask.objects.count() == 1


def terminate(backend_pid: int) -> None:
    """Ends a database session from another one."""

    def end() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [backend_pid])
        connection.close()

    other = threading.Thread(target=end)
    other.start()
    other.join()


def test_a_body_that_is_cut_off_on_its_way_changes_nothing(assignment, server):
    parent = draw(assignment, block(assignment.case))
    body = json.dumps(body_of(parent, block(assignment.case), block(assignment.case, size=5))).encode()
    head = (
        f"POST /cohorts/faults/assignments/{assignment.pk}/revisions/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port)) as wire:
        wire.sendall(head.encode() + body[: len(body) // 2])
    assert httpx.get(f"http://127.0.0.1:{server.port}/health/").status_code == 200
    assert newest_revision(assignment) == parent
