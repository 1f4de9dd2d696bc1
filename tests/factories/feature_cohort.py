"""A cohort whose patients have features, as if imported, read and extracted: what analyses start from."""

from datetime import date

import numpy as np
import pandas as pd

from backend.annotations.models import Consensus, Outcome, Target
from backend.cohorts.models import Cohort, Patient
from backend.features.models import Source
from backend.features.services.extraction import ExtractedSource, RoiForFeatures, record_feature_sets
from backend.imaging.models import Case
from backend.pathology.models import IhcRead, Specimen
from tests.factories.cases import make_case
from tests.factories.clinical import make_patient
from tests.factories.people import make_cohort
from worker.compute.phantoms.tables import feature_table
from worker.compute.radiomics.recipe import standard_recipe

GRADES = {1: "well", 2: "moderate", 3: "poor"}
STAGES = {0: "indeterminate", 1: "I", 2: "II", 3: "III", 4: "IV"}
STAINED_PERCENT = {0: 2.0, 1: 80.0}
RECIPES = {source: standard_recipe(*source.split("_")) for source in Source.values}


def make_feature_cohort(
    slug: str = "", *, patients: int = 36, effect: float = 2.0, seed: int = 3, labels: bool = True
) -> Cohort:
    """Included patients with clinical values, p53 reads, a consensus and the recipe's features from all four sources.

    ``effect`` is the planted difference between the TP53 states (Cohen's d); without ``labels`` nobody has a p53 read.
    """
    cohort = make_cohort(slug)
    names = {source: recipe.feature_names() for source, recipe in RECIPES.items()}
    table = feature_table(patients, effect=effect, seed=seed, names=names)
    for number, (_, row) in enumerate(table.iterrows(), 1):
        patient = add_patient(cohort, f"PETRA-{number:08d}", row)
        if labels:
            add_read(patient, STAINED_PERCENT[row["tp53"]])
    return cohort


def add_patient(cohort: Cohort, pseudonym: str, row: pd.Series) -> Patient:
    """One row of the table as a patient with a case, a consensus and features."""
    node = row["clinical__lymph_node"]
    patient = make_patient(
        cohort,
        pseudonym,
        cancer_type=row["cancer_type"],
        lymph_node_metastasis=None if pd.isna(node) else bool(node),
        grade=GRADES.get(row["clinical__grade"], ""),
        figo_stage=STAGES.get(row["clinical__stage"], ""),
        bmi_kg_m2=20.0 + len(pseudonym) % 7,
    )
    add_features(make_case(patient), row)
    return patient


def add_features(case: Case, row: pd.Series, *, roi: str = "consensus", missing: tuple[str, ...] = ()) -> None:
    """Records the four sources through the real service; a source in ``missing`` gets a reason instead of values."""
    consensus = Consensus.objects.create(
        case=case, target=Target.TUMOUR, method="majority", outcome=Outcome.NO_AVID_TUMOUR, reason="made for a test"
    )
    wanted = [source for source in Source.values if roi == "consensus" or source.startswith("tumour")]
    record_feature_sets(case, [_extracted(source, row, consensus, missing) for source in wanted], roi=roi)


def _extracted(source: str, row: pd.Series, consensus: Consensus, missing: tuple[str, ...]) -> ExtractedSource:
    recipe = RECIPES[source]
    names = recipe.feature_names()
    return ExtractedSource(
        source=source,
        recipe_settings=recipe.to_json(),
        recipe_sha256=recipe.sha256,
        feature_names=names,
        inputs={"consensus": str(consensus.pk)},
        roi=RoiForFeatures(mask=None, consensus=consensus),
        values=None if source in missing else np.array([row[f"{source}__{name}"] for name in names], dtype=float),
        reason="Nothing was found." if source in missing else "",
    )


def add_read(patient: Patient, percent_stained: float) -> IhcRead:
    """One p53 read on a biopsy."""
    specimen = Specimen.objects.create(patient=patient, collected_on=date(2020, 3, 12))
    return IhcRead.objects.create(specimen=specimen, percent_stained=percent_stained)
