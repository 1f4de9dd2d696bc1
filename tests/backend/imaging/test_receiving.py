"""Files sent in pieces: nothing written is lost, nothing is written twice, nothing leads outside, nobody else adds."""

import io
import os
import stat

import pytest

from backend.core.errors import Conflict, InvalidInput, NotFound
from backend.imaging.models import Upload
from backend.imaging.services import receiving
from backend.imaging.services.receiving import (
    CHUNK_LIMIT_BYTES,
    announce_upload,
    finish_upload,
    incomplete_ordinals,
    own_upload,
    receive_chunk,
    received_bytes,
)
from backend.imaging.services.uploads import open_delivery, staging_root
from backend.jobs.models import Job
from tests.factories.people import make_cohort, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_staging")]

FILES = [("Doe^Jane/CT/1.dcm", 10), ("../../etc/passwd", 4), ("Doe^Jane/PT/1.dcm", 6)]


class DyingStream(io.RawIOBase):
    """A request body whose connection breaks after some bytes."""

    def __init__(self, content: bytes) -> None:
        self.parts = [content]

    def read(self, size: int = -1) -> bytes:
        if self.parts:
            return self.parts.pop()
        raise OSError("the connection broke")


@pytest.fixture
def upload(tmp_path) -> Upload:
    return announce_upload(cohort=make_cohort(), announced=FILES, actor=make_user())


def staged(upload: Upload) -> list[str]:
    folder = staging_root() / upload.staging_folder
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_pieces_are_appended_and_a_repeated_one_changes_nothing(upload):
    place = FILES.index(("Doe^Jane/CT/1.dcm", 10))
    assert receive_chunk(upload, place, 0, io.BytesIO(b"01234")) == 5
    assert receive_chunk(upload, place, 0, io.BytesIO(b"01234")) == 5
    assert receive_chunk(upload, place, 5, io.BytesIO(b"56789")) == 10
    assert (staging_root() / upload.staging_folder / "delivery" / "0000002").read_bytes() == b"0123456789"
    with pytest.raises(Conflict, match="holds 0 bytes"):
        receive_chunk(upload, 2, 3, io.BytesIO(b"abc"))


def test_after_a_death_in_the_middle_it_goes_on_from_what_is_on_the_disk(upload):
    place = FILES.index(("Doe^Jane/CT/1.dcm", 10))
    with pytest.raises(OSError, match="connection broke"):
        receive_chunk(upload, place, 0, DyingStream(b"0123"))
    assert received_bytes(upload, place) == 4
    assert receive_chunk(upload, place, 4, io.BytesIO(b"456789")) == 10


def test_the_senders_paths_order_the_files_and_are_kept_nowhere(upload, tmp_path):
    receive_chunk(upload, 1, 0, io.BytesIO(b"root"))
    assert staged(upload) == ["delivery/0000001", "files.sqlite"]
    index = (staging_root() / upload.staging_folder / "files.sqlite").read_bytes()
    assert b"Doe" not in index and b"passwd" not in index
    assert stat.S_IMODE(os.stat(staging_root() / upload.staging_folder / "delivery/0000001").st_mode) == 0o600
    with pytest.raises(InvalidInput, match="was not announced"):
        receive_chunk(upload, 3, 0, io.BytesIO(b"x"))
    job = finish_upload(upload=upload, actor=upload.uploaded_by)
    assert finish_upload(upload=upload, actor=upload.uploaded_by) == job
    assert "files.sqlite" not in staged(upload)
    kept = "".join(str(row) for model in (Upload, Job) for row in model.objects.values())
    assert "Doe" not in kept and "passwd" not in kept
    with pytest.raises(Conflict, match="no longer waiting"):
        receive_chunk(upload, 1, 4, io.BytesIO(b"x"))


def test_a_file_that_did_not_arrive_keeps_its_place_and_nothing_else(upload, tmp_path):
    receive_chunk(upload, 1, 0, io.BytesIO(b"root"))
    receive_chunk(upload, 0, 0, io.BytesIO(b"half"))
    finish_upload(upload=upload, actor=upload.uploaded_by)
    assert incomplete_ordinals(upload) == {2, 3}
    delivery = open_delivery(upload, tmp_path)
    assert {path.name: path.stat().st_size for path in delivery.iterdir()} == {
        "0000001": 4,
        "0000002.incomplete": 0,
        "0000003.incomplete": 0,
    }


def test_nothing_complete_is_no_delivery(upload):
    with pytest.raises(Conflict, match="No file has arrived completely"):
        finish_upload(upload=upload, actor=upload.uploaded_by)
    assert not Job.objects.exists()


def test_a_file_longer_than_announced_or_a_piece_too_large_leaves_what_was_there(upload):
    place = FILES.index(("Doe^Jane/CT/1.dcm", 10))
    receive_chunk(upload, place, 0, io.BytesIO(b"01234"))
    with pytest.raises(InvalidInput, match="longer than was announced"):
        receive_chunk(upload, place, 5, io.BytesIO(b"567890"))
    assert received_bytes(upload, place) == 5
    large = announce_upload(cohort=upload.cohort, announced=[("big", 10**8)], actor=upload.uploaded_by)
    with pytest.raises(InvalidInput, match="at most 8 MiB"):
        receive_chunk(large, 0, 0, io.BytesIO(bytes(CHUNK_LIMIT_BYTES + 1)))
    assert received_bytes(large, 0) == 0


@pytest.mark.parametrize(
    ("announced", "sentence"),
    [
        ([], "folder is empty"),
        ([("a", 1), ("a", 2)], "same path"),
        ([("", 1)], "no usable path"),
        ([("a", -1)], "no usable path"),
        ([("a", 201 * 1024**3)], "larger than 200 GB"),
    ],
)
def test_what_cannot_be_received_is_refused_before_the_first_byte(announced, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        announce_upload(cohort=make_cohort(), announced=announced, actor=make_user())
    assert not Upload.objects.exists()


def test_a_full_disk_and_too_many_files_are_said_with_numbers(monkeypatch):
    monkeypatch.setattr(receiving, "ROOM_PER_BYTE", 10**15)
    with pytest.raises(InvalidInput, match="has room for 0.0 GB"):
        announce_upload(cohort=make_cohort(), announced=[("a", 10**6)], actor=make_user())
    monkeypatch.setattr(receiving, "ANNOUNCED_LIMIT", 1)
    with pytest.raises(InvalidInput, match="These are 2 files"):
        announce_upload(cohort=make_cohort(), announced=[("a", 1), ("b", 1)], actor=make_user())


def test_only_the_sender_adds_to_a_delivery(upload):
    assert own_upload(upload.cohort, upload.pk, upload.uploaded_by) == upload
    with pytest.raises(NotFound):
        own_upload(upload.cohort, upload.pk, make_user())
    with pytest.raises(NotFound):
        own_upload(make_cohort(), upload.pk, upload.uploaded_by)
