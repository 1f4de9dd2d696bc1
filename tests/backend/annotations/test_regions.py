"""Regions that came with the images: chosen or set aside by a person, PET and CT contours as one lesion."""

import pytest
from django.test import Client
from django.urls import reverse

from backend.annotations.models import Reading, RoiCandidate
from backend.annotations.regions import regions_of
from backend.cohorts.models import Role
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import make_candidate, make_voxel_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    case = make_voxel_case(make_cohort())
    make_candidate(case, roi_name="GTV_PET", drawn_on="pet")
    make_candidate(case, roi_name="GTV_CT", drawn_on="ct")
    make_candidate(case, roi_name="Bladder", lesion_name="Bladder", drawn_on="ct")
    return case


def coordinator_of(case) -> Client:
    client = Client()
    member = make_member(case.patient.cohort, Role.COORDINATOR)
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    return client


def press(client, case, action: str, roi_name: str):
    candidate = RoiCandidate.objects.get(case=case, roi_name=roi_name)
    kwargs = {"slug": case.patient.cohort.slug, "candidate_id": candidate.pk}
    return client.post(reverse(f"annotations:{action}_region", kwargs=kwargs))


def test_contours_of_one_lesion_stand_together_with_a_warning_where_they_differ(case):
    RoiCandidate.objects.filter(roi_name="GTV_CT").update(volume_ml=99.0)
    bladder, lesion = regions_of(case)
    assert [one.drawn_on for one in lesion.candidates] == ["pet", "ct"]
    assert "99.0 ml" in lesion.warning and bladder.warning == ""


def test_choosing_one_contour_sets_its_twin_aside_and_makes_a_reading(case):
    client = coordinator_of(case)
    url = reverse("annotations:regions", kwargs={"slug": case.patient.cohort.slug, "case_id": case.pk})
    assert "Use as reading" in client.get(url).content.decode()
    assert press(client, case, "choose", "GTV_PET").status_code == 302
    states = dict(RoiCandidate.objects.values_list("roi_name", "state"))
    assert states == {"GTV_PET": "chosen", "GTV_CT": "dismissed", "Bladder": "open"}
    assert Reading.objects.get(case=case).origin == "ROI GTV_PET on PET"
    assert press(client, case, "choose", "GTV_PET").status_code == 409
    assert press(client, case, "dismiss", "Bladder").status_code == 302
    assert "All decided" in client.get(url).content.decode()
