"""DICOMweb as another program meets it: the client library of the standard's community, and its refusals by hand."""

from io import BytesIO

import numpy as np
import pytest
import requests
from dicomweb_client.api import DICOMwebClient
from django.test import Client
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGLSLossless
from rest_framework.authtoken.models import Token

from backend.cohorts.models import Role
from backend.core.storage import erase, read_bytes, store_bytes
from backend.imaging.models import Instance
from tests.factories.people import make_cohort, make_member
from tests.factories.series import dicom_bytes, make_image_series, make_stored_series, pixels

pytestmark = pytest.mark.django_db
ORIGIN = "http://testserver"


class ToDjango(requests.adapters.BaseAdapter):
    """Carries the requests of a client library to the platform without a socket."""

    def send(self, request, **options):
        answer = Client().generic(request.method, request.path_url, headers=dict(request.headers))
        response = requests.Response()
        response.status_code, response.request, response.url = answer.status_code, request, request.url
        response.headers.update(answer.headers)
        response.raw = BytesIO(b"".join(answer))
        return response

    def close(self):
        pass


@pytest.fixture
def cohort():
    return make_cohort()


@pytest.fixture
def series(cohort):
    return make_stored_series(cohort, series_number=3)


@pytest.fixture
def session(cohort):
    """A reader with an API token."""
    token = Token.objects.create(user=make_member(cohort, Role.READER))
    session = requests.Session()
    session.headers["Authorization"] = f"Token {token.key}"
    session.mount(ORIGIN, ToDjango())
    return session


@pytest.fixture
def dicomweb(session, cohort):
    return DICOMwebClient(url=root_of(cohort), session=session)


def root_of(cohort) -> str:
    return f"{ORIGIN}/api/v1/cohorts/{cohort.slug}/dicomweb"


def uids_of(series) -> tuple[str, str, str]:
    first = series.instances.earliest("pk")
    return series.study.study_instance_uid, series.series_instance_uid, first.sop_instance_uid


def records(found: list[dict]) -> list[Dataset]:
    return [Dataset.from_json(record) for record in found]


def test_studies_series_and_instances_are_found(dicomweb, cohort, series):
    make_image_series(cohort, "PT")
    study, series_uid, sop = uids_of(series)
    assert len(dicomweb.search_for_studies()) == 2
    found = records(dicomweb.search_for_studies(search_filters={"PatientID": series.study.patient.pseudonym}))
    assert [(one.StudyInstanceUID, one.ModalitiesInStudy, one.NumberOfStudyRelatedInstances) for one in found] == [
        (study, "CT", 2)
    ]
    assert found[0].RetrieveURL == f"{root_of(cohort)}/studies/{study}"
    found = records(dicomweb.search_for_series(search_filters={"Modality": "CT", "SeriesNumber": 3}))
    assert [(one.SeriesInstanceUID, one.NumberOfSeriesRelatedInstances) for one in found] == [(series_uid, 2)]
    assert len(dicomweb.search_for_series(study)) == 1
    assert len(dicomweb.search_for_instances()) == 4
    assert len(dicomweb.search_for_instances(study)) == 2
    found = records(dicomweb.search_for_instances(study, series_uid, search_filters={"00080018": sop}))
    assert [one.SOPInstanceUID for one in found] == [sop]


def test_dates_wildcards_and_pages(dicomweb, cohort):
    for day in (1, 2, 3):
        study = make_image_series(cohort).study
        study.study_date = f"2021-05-0{day}"
        study.save()
    count = lambda **filters: len(dicomweb.search_for_studies(search_filters=filters))  # noqa: E731
    assert [count(StudyDate=value) for value in ("20210502", "20210502-", "-20210502", "20210501-20210503")] == [
        1, 2, 2, 3,
    ]  # fmt: skip
    assert count(PatientID="PETRA-*") == 3 and count(PatientID="PETRA-????") == 0
    assert count(ModalitiesInStudy="CT") == 3 and count(ModalitiesInStudy="PT") == 0
    assert len(dicomweb.search_for_studies(limit=2)) == 2 and len(dicomweb.search_for_studies(limit=2, offset=2)) == 1


@pytest.mark.parametrize(
    ("query", "says"),
    [("StudyDescription=x", "Nothing can be searched by"), ("StudyDate=2021", "Dates"), ("limit=-1", "whole number")],
)
def test_a_search_that_cannot_be_is_a_sentence(session, cohort, query, says):
    answer = session.get(f"{root_of(cohort)}/studies?{query}")
    assert answer.status_code == 400 and says in answer.json()["message"]


def test_metadata_frames_and_instances_come_as_stored(dicomweb, series):
    study, series_uid, sop = uids_of(series)
    header = records([dicomweb.retrieve_instance_metadata(study, series_uid, sop)])[0]
    assert (header.Rows, header.InstanceNumber, "PixelData" in header) == (4, 1, False)
    assert [one.InstanceNumber for one in records(dicomweb.retrieve_series_metadata(study, series_uid))] == [1, 2]
    assert len(dicomweb.retrieve_study_metadata(study)) == 2
    frames = dicomweb.retrieve_instance_frames(study, series_uid, sop, [1], media_types=("application/octet-stream",))
    assert (np.frombuffer(frames[0], "<i2").reshape(4, 6) == pixels(0)).all()
    assert (dicomweb.retrieve_instance(study, series_uid, sop).pixel_array == pixels(0)).all()
    assert [one.InstanceNumber for one in dicomweb.retrieve_series(study, series_uid)] == [1, 2]
    assert len(dicomweb.retrieve_study(study)) == 2


def test_a_part_is_the_stored_file_to_the_byte(session, cohort, series):
    study, series_uid, sop = uids_of(series)
    answer = session.get(f"{root_of(cohort)}/studies/{study}/series/{series_uid}/instances/{sop}")
    boundary = answer.headers["Content-Type"].rpartition("boundary=")[2]
    head, _, body = answer.content.partition(b"\r\n\r\n")
    stored = read_bytes(series.instances.earliest("pk").storage_key)
    assert head == f"\r\n--{boundary}\r\nContent-Type: application/dicom; transfer-syntax=1.2.840.10008.1.2.1".encode()
    assert body == stored + f"\r\n--{boundary}--\r\n".encode()


def test_several_frames_of_one_file(dicomweb, series):
    many = dcmread(BytesIO(dicom_bytes(series, "2.25.55", 0)))
    many.NumberOfFrames, many.PixelData = 3, b"".join(pixels(place).tobytes() for place in range(3))
    keep(series, many)
    study, series_uid, _ = uids_of(series)
    octets = ("application/octet-stream",)
    frames = dicomweb.retrieve_instance_frames(study, series_uid, "2.25.55", [3, 1], media_types=octets)
    assert [bytes(frame) for frame in frames] == [pixels(2).tobytes(), pixels(0).tobytes()]


def keep(series, dataset) -> None:
    written = BytesIO()
    dataset.save_as(written)
    file = store_bytes(written.getvalue(), folder="test", suffix=".dcm")
    Instance.objects.create(
        series=series, sop_instance_uid=dataset.SOPInstanceUID, sop_class_uid=dataset.SOPClassUID,
        storage_key=file.key, sha256=file.sha256, size_bytes=file.size,
    )  # fmt: skip


def test_compressed_pixels_go_only_to_who_accepts_them(session, cohort, series):
    packed = dcmread(BytesIO(dicom_bytes(series, "2.25.56", 0)))
    packed.NumberOfFrames, packed.PixelData = 2, encapsulate([b"one\0", b"twotwo"])
    packed["PixelData"].VR = "OB"
    packed.file_meta.TransferSyntaxUID = JPEGLSLossless
    keep(series, packed)
    study, series_uid, _ = uids_of(series)
    instance = f"{root_of(cohort)}/studies/{study}/series/{series_uid}/instances/2.25.56"

    def ask(accept: str, address: str = f"{instance}/frames/2"):
        return session.get(address, headers={"Accept": accept})

    refused = ask('multipart/related; type="application/octet-stream"')
    assert refused.status_code == 406 and "image/jls" in refused.json()["message"]
    for accept in ('multipart/related; type="image/jls"', 'multipart/related; type="*/*"; transfer-syntax=*'):
        answer = ask(accept)
        assert answer.status_code == 200 and b"twotwo" in answer.content and b"one" not in answer.content
    dicom = 'multipart/related; type="application/dicom"'
    assert ask(dicom, instance).status_code == 406
    assert ask(f"{dicom}; transfer-syntax={JPEGLSLossless}", instance).status_code == 200


def test_frames_that_are_not_there_are_404_and_nonsense_is_400(session, cohort, series):
    study, series_uid, sop = uids_of(series)
    frames = f"{root_of(cohort)}/studies/{study}/series/{series_uid}/instances/{sop}/frames"
    assert [session.get(f"{frames}/{which}").status_code for which in ("2", "0", "x", "1,,1")] == [404, 404, 400, 400]


def test_regions_that_came_with_the_images_are_not_served(session, cohort, series):
    """An RTSTRUCT or SEG is somebody's reading; a reader of the case must not get it on any channel."""
    regions = make_stored_series(cohort, "RTSTRUCT")
    study, series_uid, sop = uids_of(regions)
    root = root_of(cohort)
    for address in (f"studies/{study}", f"studies/{study}/metadata", f"studies/{study}/series/{series_uid}"):
        assert session.get(f"{root}/{address}").status_code == 404
    assert session.get(f"{root}/studies/{study}/series/{series_uid}/instances/{sop}/frames/1").status_code == 404
    assert session.get(f"{root}/studies/{study}/series").status_code == 404
    assert [record["0020000D"]["Value"] for record in session.get(f"{root}/studies").json()] == [
        [series.study.study_instance_uid]
    ]
    assert len(session.get(f"{root}/instances").json()) == 2


def test_erased_images_are_404(session, cohort, series):
    for instance in series.instances.all():
        erase(instance.storage_key)
    study, series_uid, sop = uids_of(series)
    instance = f"{root_of(cohort)}/studies/{study}/series/{series_uid}/instances/{sop}"
    addresses = (instance, f"{instance}/metadata", f"{instance}/frames/1")
    assert [session.get(address).status_code for address in addresses] == [404] * 3


def test_searches_need_the_same_number_of_queries_at_any_size(session, cohort, django_assert_max_num_queries):
    for _ in range(15):
        make_image_series(cohort)
    for level in ("studies", "series", "instances"):
        with django_assert_max_num_queries(8):
            assert len(session.get(f"{root_of(cohort)}/{level}").json()) >= 15
