"""One patient from DICOM to the dashboards; the tests are the headings of docs/trace-one-pet.md, in their order."""

import re
from collections import Counter

import numpy as np
import pydicom
import pytest

from tests.e2e.conftest import sign_in
from tests.e2e.line import PATIENTS, READERS, SLUG, Line
from worker.compute.radiomics.names import split_name

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

TUMOUR_CLASSES = {"firstorder": 342, "glcm": 456, "glrlm": 304, "glszm": 304, "gldm": 266, "ngtdm": 95, "shape": 14}
BAT_CLASSES = {"firstorder": 342}
MODELS = {"tumour_ct", "tumour_pet", "bat_ct", "bat_pet", "combined"}


@pytest.fixture(autouse=True)
def _database(django_db_blocker):
    """The line's rows stay between the tests: nothing is rolled back or emptied."""
    with django_db_blocker.unblock():
        yield


def experiment(line: Line, kind: str):
    from backend.experiments.services.requests import latest_experiment

    found = latest_experiment(line.cohort, kind)
    assert found is not None, f"there is no experiment of the kind {kind}"
    return found


def test_1_import(line):
    line.reach("import")
    from backend.imaging.models import ImportedFile, Instance

    delivered = sorted(path for path in (line.phantom / "dicom").rglob("*") if path.is_file())
    assert ImportedFile.objects.filter(upload__cohort=line.cohort, outcome="stored").count() == len(delivered)
    own = [path for path in delivered if line.planted["hospital_number"] in path.parts]
    kept = Instance.objects.filter(series__study__patient=line.patient)
    assert kept.count() == len(own) > 0
    assert line.patient.clinical_records.count() == 1
    check_nobody_is_named(line, [stored_path(instance) for instance in kept], own[0])


def stored_path(instance):
    from django.core.files.storage import default_storage

    return default_storage.path(instance.storage_key)


def check_nobody_is_named(line: Line, stored: list[str], original) -> None:
    """No planted identifier in any stored byte; weight and size, which SUV needs, are still there."""
    planted = (line.phantom / "fake_identifiers.txt").read_text().splitlines()
    # Short ones (initials, single digits) occur in pixels by chance.
    identifiers = [text.encode() for text in planted if len(text) >= 6]
    for path in stored:
        with open(path, "rb") as file:
            content = file.read()
        assert [text for text in identifiers if text in content] == []
    before, after = pydicom.dcmread(original), pydicom.dcmread(stored[0])
    assert str(before.PatientID) == line.planted["hospital_number"] and str(after.PatientID) == line.pseudonym
    assert after.PatientWeight == before.PatientWeight and after.PatientIdentityRemoved == "YES"
    assert after.StudyInstanceUID != before.StudyInstanceUID


def test_2_volumes(line):
    line.reach("volumes")
    case = line.case
    assert (case.ct.unit, case.pet.unit) == ("HU", "SUVbw")
    assert case.ct.minimum <= -900 and case.pet.maximum > 1.5
    passport = case.pet.series.pet_acquisition.suv_passport
    assert passport["unit"] == "SUVbw" and passport["inputs"] and passport["formula"]
    assert passport["factor_min"] > 0 and passport["images"] == case.pet.geometry["size_xyz"][2]


def test_3_roi(line):
    line.reach("readings")
    readings = list(line.case.readings.filter(target="tumour").select_related("reader", "mask"))
    assert {reading.reader.username for reading in readings} == set(READERS)
    consensus = line.case.consensuses.get(target="tumour")
    assert consensus.method == "majority" and set(consensus.reading_ids) == {reading.pk for reading in readings}
    votes = sum((voxels(reading.mask) > 0).astype(int) for reading in readings)
    assert np.array_equal(voxels(consensus.mask) > 0, votes >= 2)
    pairs = consensus.agreement["pairs"]
    assert len(pairs) == 3 and all(0.2 < pair["dice"] <= 1 for pair in pairs)
    assert votes.max() == 3 and (votes == 1).any(), "the readers drew the same: a majority would prove nothing"
    assert min(pair["dice"] for pair in pairs) < 1
    assert consensus.statistics


def voxels(mask) -> np.ndarray:
    from backend.annotations.services.masks import read_labelmap

    return np.frombuffer(read_labelmap(mask), np.uint8)


def test_4_bat(line):
    line.reach("volumes")
    from backend.annotations.selectors import bat_rule_mask, current_consensus

    rule = bat_rule_mask(line.case)
    assert rule.grid == "ct" and rule.voxel_count > 0 and rule.author is None
    line.reach("brown fat")
    settled = current_consensus(line.case, "bat")
    assert settled.is_signed and settled.signed_by.username == READERS[0]
    # Accepted as proposed, so the finer mask of the rule itself is what counts.
    assert settled.mask == rule
    other = line.cohort.patients.exclude(pk=line.patient.pk).first().cases.get()
    assert current_consensus(other, "bat") is None


def test_5_features(line):
    line.reach("features")
    from backend.features.models import FeatureSet
    from backend.features.selectors import sources_of

    sources = sources_of(line.case)
    for source, features in sources.items():
        classes = TUMOUR_CLASSES if source.startswith("tumour") else BAT_CLASSES
        assert Counter(split_name(name)[1] for name in features.recipe.feature_names) == classes, source
        assert len(features.values) == sum(classes.values()) and np.isfinite(features.values).all()
        assert not features.is_unsigned_rule
    assert len(sources["tumour_pet"].values) == 1781 and len(sources["bat_ct"].values) == 342
    assert first_order(sources["tumour_pet"], "Maximum") > first_order(sources["bat_pet"], "Minimum")
    others = line.cohort.patients.exclude(pk=line.patient.pk)
    unsigned = FeatureSet.objects.filter(case__patient__in=others, source="bat_ct", values__isnull=False)
    assert unsigned.exists() and all(row.is_unsigned_rule for row in unsigned)


def first_order(features, name: str) -> float:
    return features.values[features.recipe.feature_names.index(f"original_firstorder_{name}")]


def test_6_models(line):
    line.reach("models")
    dataset = line.cohort.dataset_versions.get()
    members = list(dataset.members.select_related("patient"))
    assert 16 <= len(members) <= PATIENTS and len({member.patient_id for member in members}) == len(members)
    own = next(member for member in members if member.patient == line.patient)
    assert own.tp53_mutated == line.planted["tp53_mutated"] and set(own.feature_sets) == set(source_names())
    trained = experiment(line, "classification")
    assert trained.dataset_version == dataset and set(trained.runs.values_list("model_name", flat=True)) >= MODELS
    sealed = sum(member.in_test_set for member in members)
    assert trained.runs.get(model_name="combined", fold__isnull=True).n == sealed > 0
    predicted = trained.predictions.get(model_name="combined", patient=line.patient)
    assert predicted.partition == ("test" if own.in_test_set else "out_of_fold")
    line.reach("automatic")
    check_automatic_rois(line, own.fold)


def source_names() -> list[str]:
    from backend.features.models import Source

    return list(Source.values)


def check_automatic_rois(line: Line, fold: int | None) -> None:
    """Proposed by a model that never saw the patient, and evaluated beside the readers' own."""
    from backend.experiments.models import Experiment, ModelVersion

    segmenter = ModelVersion.objects.get(experiment=experiment(line, "segmentation"), name="segmenter")
    assert 0 <= segmenter.metrics["mean_out_of_fold_dice"] <= 1
    for mask in line.case.masks.filter(source="nnunet"):
        assert mask.model_uuid == segmenter.pk and mask.provenance["fold"] == fold
    evaluated = Experiment.objects.get(cohort=line.cohort, based_on__kind="classification", settings__roi="automatic")
    assert set(evaluated.predictions.values_list("roi", flat=True)) == {"automatic"}


def test_7_clusters_and_statistics(line):
    line.reach("clusters")
    found = experiment(line, "clustering").results
    assert 2 <= found["k"] <= 9 and line.pseudonym in {row["id"] for row in found["assignments"]}
    panels = experiment(line, "statistics").results["panels"]
    assert len(panels) == 16
    over_all = next(panel for panel in panels if (panel["source"], panel["cancer"]) == ("tumour_pet", "all"))
    assert over_all["n"] > 10 and over_all["strongest"]
    assert found["n"] == line.cohort.dataset_versions.get().members.count()


def test_8_dashboards(line, browser_page):
    line.reach("clusters")
    page, cohort = browser_page, f"/cohorts/{SLUG}"
    sign_in(page, "analyst")

    page.goto(f"{cohort}/patients/{line.pseudonym}/")
    assert page.locator("h1").inner_text().strip().startswith(line.pseudonym)
    features = page.locator("#features")
    assert features.get_by_text("extracted", exact=True).count() == 4
    assert line.planted["hospital_number"] not in page.content()

    probability = experiment(line, "classification").predictions.get(model_name="combined", patient=line.patient)
    page.goto(f"{cohort}/models/predictions/?q={line.pseudonym}")
    row = page.locator("tr", has_text=line.pseudonym).inner_text()
    assert f"{probability.probability:.3f}" in row, row

    page.goto(f"{cohort}/summary/")
    assert re.search(rf"\b{PATIENTS}\b", page.locator("main").inner_text())
    for name, title in (("models", "Combined"), ("clusters", "Clusters (k)"), ("statistics", "Tumour PET")):
        page.goto(f"{cohort}/{name}/")
        assert title in page.locator("main").inner_text()
        page.locator("figure").first.scroll_into_view_if_needed()
        page.locator("figure canvas").first.wait_for()
