"""What differs between versions, who looked at sealed results, and that nobody who withdrew is in an analysis."""

import csv
import io

import pytest
from django.urls import reverse

from backend.annotations.models import Consensus, Mask, Target
from backend.audit.models import AuditRecord
from backend.cohorts.models import DatasetVersion, Enrolment, PatientState, Role
from backend.core.errors import Conflict
from backend.experiments.models import ExperimentKind, ModelVersion, Prediction
from backend.experiments.sealed_looks import ACTION, record_look
from backend.experiments.services.comparing import difference, snapshot_of_candidates, snapshot_of_version
from backend.experiments.services.datasets import collect_candidates
from backend.experiments.trainable import analysable_members, require_still_trainable, trainable_members
from tests.backend.dashboards.test_list_queries import freeze
from tests.factories.large_cohort import LargeCohort
from tests.factories.people import make_member
from tests.factories.results import make_dataset, make_experiment, make_feature_set
from worker.compute.splits import make_split

pytestmark = pytest.mark.django_db


@pytest.fixture
def large():
    """Nine patients of thirty have features; three of them are sealed or trained on."""
    found = LargeCohort("compared", 30)
    freeze(found)
    return found


def sign_in(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")


def compared(cohort) -> dict:
    """kind → pseudonyms of what differs between the frozen version and now."""
    version = cohort.dataset_versions.get()
    now = snapshot_of_candidates(cohort, collect_candidates(cohort))
    found = difference(snapshot_of_version(version), now)
    kinds: dict = {"added": found.added, "removed": found.removed}
    for change in found.changes:
        kinds.setdefault(change.kind, []).append(change.pseudonym)
    return {**{kind: names for kind, names in kinds.items() if names}, "settings": [one[0] for one in found.settings]}


def test_a_version_differs_from_now_in_nothing_right_after_it_was_frozen(large):
    assert compared(large.cohort) == {"settings": []}


def test_every_kind_of_change_is_found_by_patient(large):
    cohort = large.cohort
    members = list(cohort.dataset_versions.get().members.select_related("patient"))
    names = [member.patient.pseudonym for member in members]
    Enrolment.objects.filter(patient=members[0].patient).update(state=PatientState.EXCLUDED)
    read = members[1].patient.specimens.get().ihc_reads.get()
    other = 2.0 if read.percent_stained > 5 else 80.0
    type(read).objects.create(specimen=read.specimen, percent_stained=other, supersedes=read)
    old = Consensus.objects.filter(case=members[2].case_uuid, target=Target.TUMOUR).get()
    mask = Mask.objects.get(pk=old.mask_id)
    mask.pk, mask.sha256, mask._state.adding = None, "f" * 64, True
    mask.save()
    Consensus.objects.create(
        case_id=members[2].case_uuid, target=Target.TUMOUR, method="signed", outcome="lesions", mask=mask
    )
    record = members[0].patient.clinical_records.get()
    record.pk, record.patient, record.grade, record._state.adding = None, members[3].patient, "well", True
    record.save()
    found = compared(cohort)
    assert found["removed"] == [names[0]] and found["label"] == [names[1]]
    assert found["mask"] == [names[2]] and found["clinical"] == [names[3]]


def test_an_added_patient_another_recipe_and_another_split_are_found(large):
    cohort = large.cohort
    version = cohort.dataset_versions.get()
    member = version.members.select_related("patient").first()
    name = member.patient.pseudonym
    before = snapshot_of_version(version)
    without = {key: value for key, value in before.patients.items() if key != name}
    facts = {**before.patients[name], "recipe": "tumour_ct:0", "part": "elsewhere"}
    settings = {**before.settings, "Seed of the split": "7"}
    found = difference(before, type(before)(title="v2", settings=settings, patients={**without, name: facts}))
    assert {change.kind for change in found.changes} == {"recipe", "part"}
    assert [one[0] for one in found.settings] == ["Seed of the split"]
    earlier = type(before)(title="v0", settings=before.settings, patients=without)
    assert difference(earlier, before).added == [name]


def test_the_recipe_of_a_version_that_did_not_keep_it_is_looked_up(large):
    row = make_feature_set(large.cohort)
    facts = snapshot_of_version(make_dataset(large.cohort, [row])).patients[row.case.patient.pseudonym]
    assert facts["recipe"] == f"tumour_ct:{row.recipe.sha256}"


def test_the_freeze_page_and_the_page_of_two_versions_show_what_differs(client, large):
    sign_in(client, large.coordinator)
    page = client.get(reverse("results:freeze", kwargs={"slug": "compared"})).content.decode()
    assert "What differs from Dataset v1" in page and "Nothing differs" in page
    gone = large.cohort.dataset_versions.get().members.select_related("patient").first().patient
    url = reverse("dashboards:eligibility_override", kwargs={"slug": "compared", "pseudonym": gone.pseudonym})
    assert client.post(url, {"state": "excluded", "reason": "Wrong organ."}).status_code == 302
    page = client.get(reverse("results:freeze", kwargs={"slug": "compared"})).content.decode()
    assert gone.pseudonym in page and "Removed" in page, "what is kept of the page is worked out again after a change"
    address = reverse("results:compare", kwargs={"slug": "compared"})
    answer = client.get(f"{address}?before=1&after=now&export=csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [gone.pseudonym, "patient", "in", ""] in rows
    assert client.get(f"{address}?before=1&after=9").status_code == 404
    assert "Compare" in client.get(address).content.decode()


def test_splits_are_stratified_and_nobody_once_tested_is_trained_on_in_any_later_version():
    """Version after version on a growing cohort, with other seeds: test sets only grow out of the training parts."""
    names = [f"P{number:03d}" for number in range(240)]
    cancers = [("ovarian", "cervical", "endometrial")[number % 3] for number in range(240)]
    labels = [number // 3 % 2 for number in range(240)]
    tested: set[str] = set()
    for version, size in enumerate((120, 180, 240)):
        split = make_split(
            names[:size], cancers[:size], labels[:size], seed=version, folds=5, forbidden_train_ids=tested
        )
        assert not tested & set(split.fold_by_id) and tested <= set(split.test_ids)
        assert not set(split.test_ids) & set(split.fold_by_id)
        assert set(split.test_ids) | set(split.fold_by_id) == set(names[:size])
        of_stratum = dict(zip(names, zip(cancers, labels, strict=True), strict=True))
        sizes = [sum(of_stratum[one] == stratum for one in split.test_ids) for stratum in set(of_stratum.values())]
        assert max(sizes) - min(sizes) <= 1, sizes
        tested |= set(split.test_ids)


@pytest.fixture
def trained(large):
    """A classification on the frozen version with a model, a figure and a prediction."""
    version = large.cohort.dataset_versions.get()
    experiment = make_experiment(large.cohort, ExperimentKind.CLASSIFICATION, dataset=version, results=RESULTS)
    ModelVersion.objects.create(experiment=experiment, name="combined", files={}, metrics={"auc": 0.9})
    member = version.members.select_related("patient").first()
    Prediction.objects.create(
        experiment=experiment, model_name="combined", patient=member.patient, probability=0.5, partition="test"
    )
    return experiment


RESULTS = {"metrics": {"models": {}, "baselines": {}, "warnings": []}}


def looks(large) -> list[tuple]:
    records = AuditRecord.objects.filter(action=ACTION).order_by("id")
    return [(record.actor.username, record.after["channel"]) for record in records]


def test_every_way_out_of_test_results_counts_as_a_look_and_shows_the_count(client, large, trained):
    sign_in(client, large.coordinator)
    base, api = "/cohorts/compared", "/api/v1/cohorts/compared"
    figure = trained.figures.get()
    ways = {
        f"{base}/models/": "page",
        f"{base}/models/predictions/": "page",
        f"{base}/models/predictions/?export=csv": "export",
        f"{base}/models/predictions/?export=xlsx": "export",
        f"{base}/figures/{figure.pk}/spec.json": "figure",
        f"{base}/figures/{figure.pk}/export.csv": "export",
        f"{api}/experiments/{trained.pk}/": "API",
        f"{api}/experiments/{trained.pk}/predictions/": "API",
        f"{api}/models/": "API",
        f"{api}/figures/{figure.pk}/": "API",
    }
    for number, (address, channel) in enumerate(ways.items()):
        person = make_member(large.cohort, Role.ANALYST, username=f"looker{number}")
        sign_in(client, person)
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert looks(large)[-1:] == [(person.username, channel)], address
    sign_in(client, large.coordinator)
    page = client.get(f"{base}/datasets/1/").content.decode()
    assert f"looked at {len(ways)} times by {len(ways)} people" in page and "looker3" in page
    assert f"{len(ways)}×" in client.get(f"{base}/datasets/").content.decode()
    assert f"{len(ways) + 1} times" in client.get(f"{base}/models/").content.decode()


def test_the_same_look_counts_once_and_a_file_each_time(client, large, trained):
    sign_in(client, large.coordinator)
    for _ in range(3):
        client.get("/cohorts/compared/models/")
        client.get(f"/cohorts/compared/figures/{trained.figures.get().pk}/spec.json")
    assert len(looks(large)) == 1
    for _ in range(2):
        client.get("/cohorts/compared/models/predictions/?export=csv")
    assert len(looks(large)) == 3


def test_what_shows_no_test_result_is_no_look(client, large, trained):
    sign_in(client, large.coordinator)
    for page in ("datasets/", "datasets/1/", "datasets/freeze/", "summary/", "statistics/", "features/", "jobs/"):
        assert client.get(f"/cohorts/compared/{page}").status_code == 200
    record_look(large.coordinator, make_experiment(large.cohort, ExperimentKind.SUMMARY), "page")
    assert looks(large) == []


def test_a_look_stands_in_the_trail_and_cannot_be_taken_back(client, large, trained):
    sign_in(client, large.coordinator)
    client.get("/cohorts/compared/models/")
    assert "sealed_test.look" in client.get("/cohorts/compared/audit/?search=sealed_test").content.decode()


@pytest.fixture
def withdrawn(large) -> DatasetVersion:
    version = large.cohort.dataset_versions.get()
    patient = version.members.filter(fold__isnull=False).select_related("patient").first().patient
    Enrolment.objects.filter(patient=patient).update(state=PatientState.WITHDRAWN)
    return version


def test_nobody_who_withdrew_is_in_an_analysis_and_no_model_is_kept_that_used_them(large, withdrawn):
    gone = Enrolment.objects.get(state=PatientState.WITHDRAWN).patient
    for ask in (analysable_members, trainable_members):
        members = ask(withdrawn)
        assert members and gone not in [member.patient for member in members]
    require_still_trainable(withdrawn, trainable_members(withdrawn))
    used = withdrawn.members.select_related("patient")
    with pytest.raises(Conflict, match="withdrew while this was trained"):
        require_still_trainable(withdrawn, used)
    assert gone not in [member.patient for member in collect_candidates(large.cohort).members]
