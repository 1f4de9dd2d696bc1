"""A frozen dataset as compute values: its feature table and its split, exactly as they were frozen."""

from pathlib import Path

import numpy as np
import pandas as pd

from backend.cohorts.models import DatasetMember, DatasetVersion
from backend.core.storage import fetch_to
from backend.experiments.models import ModelVersion
from backend.features.models import FeatureSet
from backend.features.selectors import current_feature_sets
from backend.features.services.extraction import TUMOUR_SOURCES
from backend.imaging.models import Case
from worker.compute.errors import ComputeError
from worker.compute.splits import Split
from worker.compute.tables import CANCER_COLUMN, CLINICAL, SEPARATOR, FeatureTable, table_from_frame

TARGET = "tp53_mutated"


def split_of(dataset: DatasetVersion, members: list[DatasetMember]) -> Split:
    """The frozen split, by pseudonym."""
    return Split(
        test_ids=tuple(member.patient.pseudonym for member in members if member.in_test_set),
        fold_by_id={member.patient.pseudonym: member.fold for member in members if not member.in_test_set},
        folds=dataset.split_settings["folds"],
        seed=dataset.split_settings["seed"],
    )


def feature_table(members: list[DatasetMember], *, automatic_roi: bool = False) -> FeatureTable:
    """Features named ``source__feature``, clinical inputs and labels; a source that a patient lacks is missing.

    With ``automatic_roi`` the tumour features are those of the segmenter's ROI; patients without one are left out.
    """
    frozen = _frozen_sets(members)
    automatic = _automatic_sets(members) if automatic_roi else {}
    # Columns come from all members, as in training: a grade that nobody with an automatic ROI has is still an input.
    rows = [_row(member, _sets_of(member, frozen, automatic)) for member in members]
    table = table_from_frame(pd.DataFrame(rows), target=TARGET)
    return _with_automatic_roi(table, members, automatic) if automatic_roi else table


def _sets_of(member: DatasetMember, frozen: dict, automatic: dict) -> dict[str, FeatureSet]:
    """An automatic ROI takes the place of the readers' in every tumour source, also where it yielded no features."""
    sets = frozen.get(member.pk, {})
    if member.case_uuid not in automatic:
        return sets
    readers_own = {source: row for source, row in sets.items() if source not in TUMOUR_SOURCES}
    return {**readers_own, **automatic[member.case_uuid]}


def _with_automatic_roi(table: FeatureTable, members: list[DatasetMember], automatic: dict) -> FeatureTable:
    segmented = {member.patient.pseudonym for member in members if member.case_uuid in automatic}
    if not segmented:
        raise ComputeError("No patient has features of an automatic ROI yet: segment the cases and extract them first.")
    return table.rows(np.array([name in segmented for name in table.groups]))


def _frozen_sets(members: list[DatasetMember]) -> dict[int, dict[str, FeatureSet]]:
    """The FeatureSets that were frozen, refused where one has been changed since."""
    wanted = {entry["id"]: (member.pk, source, entry) for member in members for source, entry in _entries(member)}
    found: dict[int, dict[str, FeatureSet]] = {}
    for row in FeatureSet.objects.filter(pk__in=wanted).select_related("recipe"):
        member_pk, source, entry = wanted[str(row.pk)]
        if row.sha256 != entry["sha256"]:
            raise ComputeError(f"A feature set of the frozen dataset has changed ({row.pk}): freeze a new version.")
        found.setdefault(member_pk, {})[source] = row
    return found


def _entries(member: DatasetMember) -> list[tuple[str, dict]]:
    return [(source, entry) for source, entry in member.feature_sets.items() if not entry["reason"]]


def _automatic_sets(members: list[DatasetMember]) -> dict[object, dict[str, FeatureSet]]:
    cases = Case.objects.filter(pk__in=[member.case_uuid for member in members])
    found: dict[object, dict[str, FeatureSet]] = {}
    for row in current_feature_sets(cases, roi="automatic"):
        if row.values is not None:
            found.setdefault(row.case_id, {})[row.source] = row
    return found


def _row(member: DatasetMember, sets: dict[str, FeatureSet]) -> dict:
    row: dict = {"patient_id": member.patient.pseudonym, CANCER_COLUMN: member.cancer_type}
    row[TARGET] = int(member.tp53_mutated)
    row.update({f"{CLINICAL}{SEPARATOR}{name}": "" if v is None else v for name, v in member.clinical.items()})
    for source, found in sets.items():
        names = [f"{source}{SEPARATOR}{name}" for name in found.recipe.feature_names]
        row.update(zip(names, np.asarray(found.values, dtype=float), strict=True))
    return row


def fetch_model(model: ModelVersion, folder: Path) -> Path:
    """Copies a model's files below ``folder``; their hashes are checked where they are loaded."""
    for relative, file in model.files.items():
        fetch_to(file["key"], folder / relative)
    return folder
