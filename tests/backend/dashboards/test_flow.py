"""The flow of patients: counts from the log, links that open the very patients, and a drawing as SVG and PDF."""

import re

import pytest
from django.urls import reverse

from backend.cohorts.eligibility_log import include_patients, override_eligibility
from backend.cohorts.models import Enrolment, Role
from backend.cohorts.protocol import ProtocolRules
from backend.cohorts.protocol_versions import new_protocol_version
from backend.cohorts.withdrawal import request_withdrawal
from backend.core.errors import Conflict
from backend.dashboards.flow import flow_of
from tests.factories.clinical import make_patient
from tests.factories.people import make_cohort, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort():
    return make_cohort("study")


@pytest.fixture
def coordinator(client, cohort):
    user = make_member(cohort, Role.COORDINATOR)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


@pytest.fixture
def everybody(cohort, coordinator):
    """Two included, two late, one treated and late (counts under (a)), one undecided, one by hand, one withdrawn."""
    make_patient(cohort, "PETRA-IN000001"), make_patient(cohort, "PETRA-IN000002")
    make_patient(cohort, "PETRA-LATE0001", age_years=12.0)
    make_patient(cohort, "PETRA-TREAT001", treated_before_pet=True)
    make_patient(cohort, "PETRA-BOTH0001", treated_before_pet=True, biopsy_confirmed=False)
    make_patient(cohort, "PETRA-UNKN0001", age_years=None)
    by_hand = make_patient(cohort, "PETRA-HAND0001")
    override_eligibility(patient=by_hand, state="excluded", reason="moved away", actor=coordinator)
    request_withdrawal(patient=make_patient(cohort, "PETRA-GONE0001"), reason="asked", actor=coordinator)


def test_the_counts_are_those_of_the_log(cohort, everybody, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        flow = flow_of(cohort)
    assert [box.n for box in flow.steps] == [8, 2, 0]
    leaving = {box.title: box.n for box in flow.leaving[0]}
    assert leaving == {"Excluded": 4, "Not decided yet: a criterion is unknown": 1, "Withdrew": 1}
    lines = {title.partition(" ")[0]: n for title, n, _ in flow.leaving[0][0].lines}
    assert lines == {"(a)": 1, "(b)": 1, "(c)": 1, "By": 1}
    assert sum(leaving.values()) + flow.steps[1].n == flow.steps[0].n


def test_every_line_opens_as_many_patients_as_it_counts(client, cohort, everybody):
    page = client.get(reverse("dashboards:flow", kwargs={"slug": cohort.slug})).content.decode()
    links = re.findall(r'<a href="([^"]+)"><text[^>]*>(.*?)</text></a>', page)
    assert len(links) >= 9
    for address, text in links:
        number = int(re.search(r"n\s=\s(\d+)", re.sub("<[^>]+>", " ", text)).group(1))
        shown = client.get(address.replace("&amp;", "&")).content.decode()
        if "missing=" not in address and "Complete" not in text:
            assert len(set(re.findall(r"PETRA-[A-Z]{2,5}\d+", shown))) == number, (address, text)


def test_the_drawing_downloads_as_svg_and_pdf(client, cohort, everybody):
    address = reverse("dashboards:flow", kwargs={"slug": cohort.slug})
    svg, pdf = client.get(f"{address}?export=svg"), client.get(f"{address}?export=pdf")
    assert svg.content.startswith(b"<svg") and b"http://testserver/cohorts/study/board/" in svg.content
    assert pdf.content.startswith(b"%PDF") and client.get(f"{address}?export=exe").status_code == 400


def test_who_is_eligible_waits_for_a_coordinator_where_the_protocol_says_so(cohort, coordinator):
    included = make_patient(cohort, "PETRA-EARLIER1")
    rules = ProtocolRules(inclusion="coordinator", criteria=["a", "b", "c", "d", "e", "glucose"])
    new_protocol_version(cohort=cohort, rules=rules, reason="ethics", actor=coordinator)
    assert Enrolment.objects.get(patient=included).state == "screened", "unknown glucose is not met"
    waiting = make_patient(cohort, "PETRA-WAITING1", glucose_mmol_l=5.0)
    assert Enrolment.objects.get(patient=waiting).state == "eligible"
    with pytest.raises(Conflict, match="screened, not eligible"):
        include_patients([waiting, included], reason="all here", actor=coordinator)
    assert Enrolment.objects.get(patient=waiting).state == "eligible"
    assert include_patients([waiting], reason="all here", actor=coordinator) == 1
    assert Enrolment.objects.get(patient=waiting).state == "included"


def test_two_versions_of_the_protocol_are_compared_rule_by_rule(client, cohort, coordinator):
    new_protocol_version(cohort=cohort, rules=ProtocolRules(minimum_age_years=21), reason="ethics", actor=coordinator)
    address = reverse("cohorts:protocol_compare", kwargs={"slug": cohort.slug})
    page = client.get(f"{address}?before=1&after=2").content.decode()
    assert page.count(">changed<") == 1 and "<strong>21</strong>" in page
    assert ">changed<" not in client.get(f"{address}?before=2&after=2").content.decode()
