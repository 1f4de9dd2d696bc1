"""Every address of the platform, asked by a person who holds every role and has still to read a case.

What others did on that case is planted as marks: names, identifiers, hashes, volumes, sentences, p53, histology and a
prediction. None of them may be in any answer, whatever the address, its object or the method; and with the reading
handed in the same addresses do show them, so that the marks are known to be where they are looked for.
"""

import json
from itertools import product

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from backend.annotations.models import Assignment, Comment
from backend.annotations.services.consensus import record_consensus
from backend.annotations.services.masks import store_labelmap
from backend.annotations.services.presence import record_heartbeat
from backend.annotations.team import team_snapshot
from backend.cohorts.clinical_records import record_clinical
from backend.cohorts.models import Role
from backend.core.access import Audience
from backend.dashboards.job_rows import shown_snapshot
from backend.dashboards.withholding import jobs_seen_by
from backend.experiments.models import ExperimentKind, Prediction
from backend.jobs.models import Job, JobKind
from tests.contracts.routes import own_routes
from tests.factories.clinical import ELIGIBLE
from tests.factories.pathology import make_read
from tests.factories.people import make_member
from tests.factories.results import make_dataset, make_experiment, make_feature_set
from tests.factories.route_objects import RouteWorld
from tests.factories.voxel_cases import block, draw, hand_in, make_assignment, make_candidate

pytestmark = pytest.mark.django_db

ROUTES = [route for route in own_routes() if (rule := route.rule()) and rule.audience is not Audience.PUBLIC]
# Streams: what they carry is looked at below, because a stream never ends.
STREAMS = {"jobs:events", "annotations:team_events"}
# Who belongs to a cohort is no secret of a case; these name its people, and a coordinator chooses among them.
NAME_PEOPLE = {
    "cohorts:members", "api:member_list", "api:members", "annotations:give", "annotations:comment_people",
    "cohort_audit:list", "api:cohort_audit", "api:audit",
}  # fmt: skip
NAME = "othello-reads-too"
WORDS = {
    "reason": "MARK-REASON-OF-A-READING",
    "consensus reason": "MARK-REASON-OF-A-CONSENSUS",
    "comment": "MARK-TEXT-OF-A-COMMENT",
    "histology": "ypT4d3",
    "p53": "87.3125",
    "p53 comment": "MARK-COMMENT-ON-P53",
    "prediction": "0.73519",
    "job": "MARK-MESSAGE-OF-A-JOB",
    "region": "MARK-NAME-OF-A-REGION",
    "feature": "4321.0987",
}


class BlindedWorld(RouteWorld):
    """The route's objects, with everything that others can have done on the case of the blinded person."""

    def __init__(self) -> None:
        super().__init__(sorted({keyword for route in ROUTES for keyword in route.keywords}))
        cohort = self.own
        self.case = self.value("case_id", cohort) and self._case()
        self.patient = self.case.patient
        self.person = make_member(cohort, *Role.values, username="holds-every-role")
        self.other = make_member(cohort, Role.READER, username=NAME)
        theirs = make_assignment(self.case, self.other)
        draft = draw(theirs, block(self.case, size=4))
        self.reading = hand_in(theirs, block(self.case, size=5), reason=WORDS["reason"])
        self.hidden = {"draft": draft, "reading": self.reading, "their assignment": theirs}
        self._settle()
        self._say_and_compute(theirs)
        self.own_assignment = make_assignment(self.case, self.person, position=7)
        self.marks = {**WORDS, **{name: str(row.pk) for name, row in self.hidden.items()}}
        self.marks |= {"hash of a mask": self.reading.mask.sha256, "file": self.reading.mask.storage_key}

    def _case(self):
        from backend.imaging.models import Case

        return Case.objects.select_related("patient__cohort").get(pk=self.value("case_id", self.own))

    def _settle(self) -> None:
        file = store_labelmap(self.case, block(self.case, size=6).tobytes(), grid="pet")
        consensus = record_consensus(
            self.case, target="tumour", method="single", outcome="lesions", readings=[self.reading], file=file
        )
        self.hidden |= {"mask": self.reading.mask, "consensus": consensus, "mask of the consensus": consensus.mask}
        self.hidden["region's mask"] = make_candidate(self.case, roi_name=WORDS["region"]).mask

    def _say_and_compute(self, theirs: Assignment) -> None:
        cohort, patient = self.own, self.patient
        self.hidden["row of a comment"] = Comment.objects.create(
            case=self.case, author=self.other, text=WORDS["comment"]
        )
        record_heartbeat(theirs, is_active=True)
        record_clinical(patient=patient, values={**ELIGIBLE, "tnm_t": WORDS["histology"]}, source="form", actor=None)
        pathologist = make_member(cohort, Role.PATHOLOGIST)
        make_read(patient, pathologist, percent_stained=float(WORDS["p53"]), comment=WORDS["p53 comment"])
        features = make_feature_set(cohort, case=self.case, values=[1.0, float(WORDS["feature"]), 2.0])
        experiment = make_experiment(cohort, ExperimentKind.CLASSIFICATION, dataset=make_dataset(cohort, [features]))
        Prediction.objects.create(
            experiment=experiment, model_name="combined", patient=patient, probability=float(WORDS["prediction"]),
            partition="test",
        )  # fmt: skip
        Job.objects.filter(kind=JobKind.MEASURE_READING).update(
            state="succeeded", message=WORDS["job"], log=WORDS["job"], step=WORDS["job"], result={"x": WORDS["job"]}
        )
        self.hidden["their job"] = Job.objects.get(kind=JobKind.MEASURE_READING, subject_id=str(self.reading.pk))

    def choices(self, keyword: str) -> list:
        """The objects to ask for: the ordinary one, those of the case, and those of others on it."""
        known = {
            "case_id": [self.case.pk],
            "pseudonym": [self.patient.pseudonym],
            "assignment_id": [self.own_assignment.pk, self.hidden["their assignment"].pk],
            "mask_id": [self.hidden[name].pk for name in ("mask", "draft", "mask of the consensus", "region's mask")],
            "comment_id": [self.hidden["row of a comment"].pk],
            "job_id": [self.hidden["their job"].pk, self.value("job_id", self.own)],
        }
        return known.get(keyword) or [self.value(keyword, self.own)]

    def addresses(self, route) -> list[str]:
        values = product(*(self.choices(keyword) for keyword in route.keywords))
        return [reverse(route.name, kwargs=dict(zip(route.keywords, chosen, strict=True))) for chosen in values]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield BlindedWorld()
        transaction.set_rollback(True)


def answer(world, address: str, method: str, person=None, **query: str) -> str:
    """Address left out: an answer may repeat the identifiers that it was asked for."""
    with transaction.atomic():
        client = Client()
        client.force_login(person or world.person, backend="django.contrib.auth.backends.ModelBackend")
        response = getattr(client, method)(address, query)
        if response.streaming and response.is_async:
            body = f"<stream {response.status_code}>"
        else:
            body = (b"".join(response) if response.streaming else response.content).decode(errors="replace")
        transaction.set_rollback(True)
    return body.replace(address, "")


def marks_in(world, route, body: str) -> set[str]:
    found = {name for name, mark in world.marks.items() if mark in body}
    if NAME in body and route.name not in NAME_PEOPLE:
        found.add("name")
    return found


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.name not in STREAMS], ids=lambda route: route.name
)
def test_no_address_tells_of_others_work_on_a_case_that_is_still_to_be_read(route, world):
    told = {}
    for address in world.addresses(route):
        for method in ("get", "post"):
            found = marks_in(world, route, answer(world, address, method))
            if found:
                told[f"{method} {address}"] = found
    assert told == {}


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("cases:list", {"stage": "settled"}),
        ("dashboards:board", {"missing": "bat"}),
        ("dashboards:board", {"cancer": "ovarian", "search": "PETRA"}),
        ("cohort_audit:list", {"search": "MARK-REASON"}),
        ("cohort_audit:list", {"export": "json"}),
        ("cohort_audit:list", {"export": "csv"}),
        ("cohort_audit:list", {"object_type": "annotations"}),
        ("annotations:assignments", {"reader": NAME}),
        ("annotations:give", {"given": "enough"}),
        ("jobs:list", {"search": "reading"}),
    ],
)
def test_no_filter_and_no_export_finds_it_either(name, query, world):
    route = next(route for route in ROUTES if route.name == name)
    (address,) = world.addresses(route)
    assert marks_in(world, route, answer(world, address, "get", **query)) - {"name"} == set()


@pytest.mark.parametrize("name", ["mask", "mask of the consensus", "draft", "region's mask"])
@pytest.mark.parametrize("route", ["annotations:labelmap", "api:mask_labelmap"])
def test_no_voxel_of_others_is_sent(route, name, world):
    address = reverse(route, kwargs={"slug": world.own.slug, "mask_id": world.hidden[name].pk})
    assert "<stream 200>" not in answer(world, address, "get")


def test_the_streams_carry_nothing_of_it(world):
    sent = json.dumps(team_snapshot(world.person, world.own))
    sent += json.dumps([shown_snapshot(job, withheld=True) for job in jobs_seen_by(world.person, world.own)])
    assert {mark for mark in (*world.marks.values(), NAME) if mark in sent} == set()


def test_who_coordinates_and_reads_p53_sees_no_p53_of_others_before_the_own_read(world):
    with transaction.atomic():
        both = make_member(world.own, Role.COORDINATOR, Role.PATHOLOGIST)
        told = {
            f"{route.name}: {found}"
            for route in ROUTES
            if route.name not in STREAMS
            for address in world.addresses(route)
            if (found := {"p53", "p53 comment"} & marks_in(world, route, answer(world, address, "get", both)))
        }
        make_read(world.patient, both)
        route = next(route for route in ROUTES if route.name == "pathology:patient")
        afterwards = marks_in(world, route, answer(world, world.addresses(route)[0], "get", both))
        transaction.set_rollback(True)
    assert told == set() and "p53 comment" in afterwards


def test_the_marks_are_where_they_are_looked_for_once_the_reading_is_handed_in(world):
    with transaction.atomic():
        hand_in(world.own_assignment, None)
        make_read(world.patient, world.person)
        found: set[str] = set()
        for name in (
            "cases:detail", "dashboards:patient", "annotations:comments", "api:mask_list", "api:reading_list",
            "api:consensus_list", "cohort_audit:list", "jobs:list", "annotations:team",
            "annotations:regions", "api:assignment_list", "api:ihc_read_list",
        ):  # fmt: skip
            route = next(route for route in ROUTES if route.name == name)
            for address in world.addresses(route):
                found |= marks_in(world, route, answer(world, address, "get"))
        transaction.set_rollback(True)
    wanted = {"reason", "comment", "histology", "p53 comment", "mask", "consensus", "region", "their job", "name"}
    assert wanted <= found, found
