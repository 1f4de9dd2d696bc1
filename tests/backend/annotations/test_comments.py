"""Comments: who is addressed, who may read them and when, and that nothing said is ever unsaid."""

import pytest
from django.urls import reverse

from backend.annotations.commenting import comments_of_case, people_to_mention, unread_mentions
from backend.annotations.models import Comment, CommentMention
from backend.annotations.services.comments import add_comment, retract_comment
from backend.audit.models import AuditRecord
from backend.cohorts.access import roles_in
from backend.cohorts.models import Role
from backend.core.errors import Conflict, Forbidden, InvalidInput
from tests.backend.annotations.test_assigning import signed_in
from tests.factories.people import make_cohort, make_member
from tests.factories.voxel_cases import hand_in, make_assignment, make_voxel_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    cohort = make_cohort()
    case = make_voxel_case(cohort)
    people = {
        "cora": make_member(cohort, Role.COORDINATOR, username="cora"),
        "ada": make_member(cohort, Role.ADJUDICATOR, username="ada.b"),
        "rita": make_member(cohort, Role.READER, username="rita"),
        "rolf": make_member(cohort, Role.READER, username="rolf"),
        "stranger": make_member(cohort, Role.READER, username="stranger"),
    }
    for name in ("rita", "rolf"):
        make_assignment(case, people[name])
    return case, people


def say(case, author, text, **values) -> Comment:
    roles = roles_in(author, case.patient.cohort)
    return add_comment(case=case, author=author, roles=roles, text=text, **values)


def read_by(case, person) -> set[str]:
    return {row.text for row in comments_of_case(person, case, roles_in(person, case.patient.cohort))}


def test_an_open_reader_sees_own_comments_and_what_a_coordinator_declared_safe_for_them(world):
    case, people = world
    say(case, people["rolf"], "rolf: the left node")
    say(case, people["rita"], "rita: is the PET shifted? @cora")
    say(case, people["cora"], "@rita it is registered, go on", is_blind_safe=True)
    say(case, people["cora"], "@rolf please hand in", is_blind_safe=True)
    say(case, people["ada"], "the readers differ @rita")
    assert read_by(case, people["rita"]) == {"rita: is the PET shifted? @cora", "@rita it is registered, go on"}
    assert len(read_by(case, people["cora"])) == len(read_by(case, people["ada"])) == 5
    assert read_by(case, people["stranger"]) == set()
    assert [row.comment.text for row in unread_mentions(people["rita"])] == ["@rita it is registered, go on"]


def test_handing_in_opens_nothing_unless_the_protocol_says_so(world, monkeypatch):
    case, people = world
    say(case, people["rolf"], "rolf: the left node")
    hand_in(case.assignments.get(reader=people["rita"]), None)
    assert read_by(case, people["rita"]) == set()
    from dataclasses import replace

    from backend.cohorts.models import ProtocolVersion
    from backend.cohorts.protocol_versions import new_protocol_version
    from backend.cohorts.services import current_rules

    rules = replace(current_rules(case.patient.cohort), shown_after_submission="readings")
    new_protocol_version(cohort=case.patient.cohort, rules=rules, reason="Teaching.", actor=people["cora"])
    assert ProtocolVersion.objects.count() > 1
    assert read_by(case, people["rita"]) == {"rolf: the left node"}
    assert read_by(case, people["rolf"]) == {"rolf: the left node"}, "he has not handed in, and sees his own"


def test_whom_one_may_address_tells_a_blinded_reader_nothing_of_the_others(world):
    case, people = world
    both = make_member(case.patient.cohort, Role.COORDINATOR, Role.READER, username="both")
    before = people_to_mention(people["rita"], case, frozenset({Role.READER}))
    make_assignment(case, both)
    after = people_to_mention(people["rita"], case, frozenset({Role.READER}))
    assert before == after == [people["ada"], both, people["cora"]]
    assert people["rolf"] in people_to_mention(people["cora"], case, frozenset({Role.COORDINATOR}))
    assert people["rolf"] not in people_to_mention(both, case, frozenset({Role.COORDINATOR, Role.READER}))
    with pytest.raises(InvalidInput, match="@rolf"):
        say(case, people["rita"], "what do you think, @rolf?")


def test_names_end_where_the_sentence_goes_on_and_addresses_of_mail_are_none(world):
    case, people = world
    comment = say(case, people["cora"], "Ask @ada.b, or (@RITA). Write to me@rolf.example.")
    assert {row.user for row in comment.mentions.all()} == {people["ada"], people["rita"]}


@pytest.mark.parametrize(
    ("text", "sentence"), [("  ", "Write something"), ("x" * 2001, "at most 2,000"), ("a\x00b", "cannot be kept")]
)
def test_what_cannot_be_kept_is_refused(world, text, sentence):
    case, people = world
    with pytest.raises(InvalidInput, match=sentence):
        say(case, people["cora"], text)


def test_who_has_no_part_in_the_case_and_who_cannot_know_what_is_safe(world):
    case, people = world
    with pytest.raises(Forbidden):
        say(case, people["stranger"], "hello")
    with pytest.raises(Forbidden, match="coordinator"):
        say(case, people["rita"], "@cora look", is_blind_safe=True)
    with pytest.raises(InvalidInput, match="whom it is for"):
        say(case, people["cora"], "for everybody", is_blind_safe=True)


def test_a_comment_is_retracted_by_its_author_once_and_stays(world):
    case, people = world
    comment = say(case, people["cora"], "@rita wrong patient", is_blind_safe=True)
    with pytest.raises(Forbidden):
        retract_comment(comment=comment, actor=people["ada"])
    retract_comment(comment=comment, actor=people["cora"])
    with pytest.raises(Conflict):
        retract_comment(comment=comment, actor=people["cora"])
    assert read_by(case, people["rita"]) == {"@rita wrong patient"}
    assert not unread_mentions(people["rita"]).exists(), "what no longer holds asks nothing of anybody"
    actions = set(AuditRecord.objects.filter(object_id=str(comment.pk)).values_list("action", flat=True))
    assert actions == {"comment.add", "comment.retract"}
    kept = " ".join(str(row.after) for row in AuditRecord.objects.filter(object_id=str(comment.pk)))
    assert "wrong patient" not in kept, "the trail says that something was said, not what"


def test_the_page_escapes_pages_and_marks_as_read(world):
    case, people = world
    url = reverse("annotations:comments", kwargs={"slug": case.patient.cohort.slug, "case_id": case.pk})
    cora, rita = signed_in(people["cora"]), signed_in(people["rita"])
    sent = {"text": "@rita <script>alert(1)</script>", "is_blind_safe": "yes"}
    assert cora.post(url, sent).status_code == 302
    worklist = reverse("annotations:worklist", kwargs={"slug": case.patient.cohort.slug})
    assert "1 unread comment to you" in rita.get(worklist, {"comments": "unread"}).content.decode()
    page = rita.get(url).content.decode()
    assert "&lt;script&gt;" in page and "<script>alert" not in page and "New for you" in page
    assert CommentMention.objects.get().read_at and "New for you" not in rita.get(url).content.decode()
    assert "unread comment" not in rita.get(worklist).content.decode()
    assert "No reading matches" in rita.get(worklist, {"comments": "unread"}).content.decode()
    for number in range(25):
        say(case, people["cora"], f"remark {number:02d}")
    assert "remark 24" in cora.get(url).content.decode() and "remark 01" in cora.get(url, {"page": 2}).content.decode()
    part = cora.post(url, {"text": ""}, headers={"HX-Request": "true"}).content.decode()
    assert "Write something first" in part and "<html" not in part


def test_the_api_says_lists_and_retracts(world):
    case, people = world
    values = {"slug": case.patient.cohort.slug, "case_id": case.pk}
    url, rita = reverse("api:comment_list", kwargs=values), signed_in(people["rita"])
    said = rita.post(url, {"text": "Is it shifted? @cora"}, content_type="application/json")
    assert said.status_code == 201 and said.json()["mentions"] == ["cora"]
    retract = reverse("api:comment_retraction", kwargs={**values, "comment_id": said.json()["id"]})
    assert signed_in(people["cora"]).post(retract).status_code == 404
    assert rita.post(retract).json()["is_retracted"] and rita.post(retract).status_code == 409
    assert [row["is_retracted"] for row in rita.get(url).json()["results"]] == [True]
    assert rita.post(url, {"text": "x" * 2001}, content_type="application/json").status_code == 400
    assert signed_in(people["stranger"]).get(url).status_code == 403


def test_the_conversation_costs_the_same_for_3_and_for_20_comments(world, django_assert_max_num_queries):
    case, people = world
    url = reverse("annotations:comments", kwargs={"slug": case.patient.cohort.slug, "case_id": case.pk})
    client = signed_in(people["cora"])
    for _ in range(3):
        say(case, people["rita"], "@cora once more")
    client.get(url)
    with django_assert_max_num_queries(25) as few:
        client.get(url)
    limit = len(few)
    for _ in range(17):
        say(case, people["rita"], "@cora once more")
    client.get(url)
    with django_assert_max_num_queries(limit):
        assert client.get(url).content.decode().count("once more") == 20
