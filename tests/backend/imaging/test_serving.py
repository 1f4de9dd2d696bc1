"""Voxel files: precompressed bodies, cached for ever, in ranges, by session or token, and never to a stranger."""

import gzip

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from rest_framework.authtoken.models import Token

from backend.cohorts.models import Role
from backend.core.storage import erase
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import make_voxel_case
from tests.phantoms.small_petct import small_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def served():
    """A case, a signed-in reader's client, and the address of the PET's first slab."""
    cohort = make_cohort()
    case = make_voxel_case(cohort)
    reader = make_member(cohort, Role.READER)
    client = Client()
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("voxels:slab", kwargs={"slug": cohort.slug, "volume_id": case.pet_id, "slab_number": 0})
    return case, client, address


def body(response) -> bytes:
    """All chunks; the test client turns the async stream into a plain one when the response is iterated."""
    return b"".join(response)


def test_slabs_and_preview_decode_to_the_volume(served):
    case, client, _ = served
    slabs = []
    for number in range(len(case.pet.slab_keys)):
        kwargs = {"slug": case.patient.cohort.slug, "volume_id": case.pet_id, "slab_number": number}
        response = client.get(reverse("voxels:slab", kwargs=kwargs))
        assert response.headers["Content-Encoding"] == "gzip"
        slabs.append(gzip.decompress(body(response)))
    stored = np.frombuffer(b"".join(slabs), "<u2").reshape(24, 32, 32)
    suv_bw = small_case(1)[1].array_zyx
    assert np.abs(stored * case.pet.stored_slope - suv_bw).max() <= case.pet.stored_slope
    preview = client.get(reverse("voxels:preview", kwargs={"slug": case.patient.cohort.slug, "volume_id": case.pet_id}))
    assert gzip.decompress(body(preview)) == stored.tobytes(), "a volume this small is its own preview"


def test_a_file_is_named_by_its_hash_and_answered_once(served):
    case, client, address = served
    response = client.get(address)
    key = case.pet.slab_keys[0]
    assert response.headers["ETag"] == f'"{key.rpartition("/")[2].removesuffix(".gz")}"'
    assert response.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert body(response) == default_storage.open(key).read()
    again = client.get(address, headers={"If-None-Match": f'"other", W/{response.headers["ETag"]}'})
    assert again.status_code == 304 and again.content == b""
    assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-9", 0, 10), ("bytes=5-", 5, None), ("bytes=-7", -7, None), ("bytes=3-999999999", 3, None)],
)
def test_a_range_is_answered_with_206(served, asked, first, last):
    case, client, address = served
    whole = default_storage.open(case.pet.slab_keys[0]).read()
    response = client.get(address, headers={"Range": asked})
    assert response.status_code == 206
    assert body(response) == whole[first:last]
    begins = len(whole) + first if first < 0 else first
    ends = (last or len(whole)) - 1
    assert response.headers["Content-Range"] == f"bytes {begins}-{ends}/{len(whole)}"
    assert response.headers["Content-Length"] == str(ends - begins + 1)


def test_ranges_that_cannot_be_or_are_of_another_file(served):
    _, client, address = served
    assert client.get(address, headers={"Range": "bytes=999999999-"}).status_code == 416
    assert client.get(address, headers={"Range": "bytes=-0"}).status_code == 416
    assert client.get(address, headers={"Range": "pages=1-2"}).status_code == 200
    assert client.get(address, headers={"Range": "bytes=0-9", "If-Range": '"another"'}).status_code == 200


def test_behind_nginx_only_the_headers_are_made_here(served, settings):
    settings.PETRA_ACCEL_PREFIX = "/protected/"
    case, client, address = served
    response = client.get(address)
    assert response.headers["X-Accel-Redirect"] == f"/protected/{case.pet.slab_keys[0]}"
    assert response.headers["Content-Encoding"] == "gzip" and response.content == b""


def test_a_token_opens_the_api_and_nothing_opens_without_one(served):
    case, _, _ = served
    kwargs = {"slug": case.patient.cohort.slug, "volume_id": case.ct_id}
    address = reverse("api:volume_preview", kwargs=kwargs)
    reader = case.patient.cohort.memberships.get().user
    token = Token.objects.create(user=reader)
    assert Client().get(address, headers={"Authorization": f"Token {token.key}"}).status_code == 200
    assert Client().get(address, headers={"Authorization": "Token wrong"}).status_code == 401
    assert Client().get(address).status_code == 401


def test_other_cohorts_slabs_that_do_not_exist_and_erased_files_are_404(served):
    case, client, address = served
    elsewhere = make_voxel_case(make_cohort())
    mine = case.patient.cohort.slug
    for volume_id, number in ((elsewhere.pet_id, 0), (case.pet_id, 99)):
        kwargs = {"slug": mine, "volume_id": volume_id, "slab_number": number}
        assert client.get(reverse("voxels:slab", kwargs=kwargs)).status_code == 404
    erase(case.pet.slab_keys[0])
    assert client.get(address).status_code == 404


def test_a_pathologist_has_no_images(served):
    case, _, address = served
    client = Client()
    client.force_login(
        make_member(case.patient.cohort, Role.PATHOLOGIST), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert client.get(address).status_code == 403
