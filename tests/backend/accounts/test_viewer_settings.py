"""The viewer's settings are each person's own, replaced whole, and nothing that the viewer could not use is kept."""

import pytest
from rest_framework.test import APIClient

from backend.accounts.models import ViewerSettings
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/viewer-settings/"
VALUES = {
    "layout": "pet",
    "ct_level_hu": -600.0,
    "ct_width_hu": 1500.0,
    "tumour_suv_bw_upper": 12.5,
    "fusion_opacity": 0.4,
    "pet_colours": "hot iron",
    "mip_is_turning": True,
}


def client_of(user) -> APIClient:
    client = APIClient()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_what_was_set_comes_back_to_the_same_person_and_to_nobody_else():
    rita, rolf = make_user("rita"), make_user("rolf")
    assert client_of(rita).get(ADDRESS).json() == {}
    assert client_of(rita).put(ADDRESS, VALUES, format="json").json() == VALUES
    assert client_of(rita).get(ADDRESS).json() == VALUES
    assert client_of(rolf).get(ADDRESS).json() == {}


def test_a_second_save_replaces_the_first_whole():
    client = client_of(make_user("rita"))
    client.put(ADDRESS, VALUES, format="json")
    client.put(ADDRESS, {"layout": "ct"}, format="json")
    assert client.get(ADDRESS).json() == {"layout": "ct"}
    assert ViewerSettings.objects.count() == 1


def test_nobody_reads_or_writes_settings_without_signing_in():
    assert APIClient().get(ADDRESS).status_code == 401
    assert APIClient().put(ADDRESS, VALUES, format="json").status_code == 401


def test_a_browser_needs_the_csrf_token_to_write():
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(make_user("rita"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.put(ADDRESS, VALUES, format="json").status_code == 403


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        ({"layout": "somewhere"}, "layout"),
        ({"ct_width_hu": 0}, "ct_width_hu"),
        ({"tumour_suv_bw_upper": 1e9}, "tumour_suv_bw_upper"),
        ({"fusion_opacity": "nan"}, "fusion_opacity"),
        ({"fusion_opacity": 1.01}, "fusion_opacity"),
        ({"mip_is_turning": "perhaps"}, "mip_is_turning"),
        ({"script": "<script>"}, "script"),
    ],
)
def test_a_setting_that_the_viewer_could_not_use_is_refused_and_named(broken, field):
    client = client_of(make_user("rita"))
    answer = client.put(ADDRESS, {**VALUES, **broken}, format="json")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert client.get(ADDRESS).json() == {}


def test_a_list_instead_of_settings_is_refused():
    assert client_of(make_user("rita")).put(ADDRESS, [1, 2], format="json").status_code == 400
