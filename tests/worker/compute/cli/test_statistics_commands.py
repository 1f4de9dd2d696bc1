"""``cluster`` and ``volcano`` from a CSV to their files, and one sentence with status 2 for what they cannot do."""

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.worker.compute.feature_tables import small_table
from worker.compute.__main__ import main


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    small_table(n=60).to_csv(path, index=False)
    return path


def test_volcano_writes_one_row_per_feature(table: Path, tmp_path: Path) -> None:
    assert main(["volcano", str(table), str(tmp_path / "out.csv"), "--target", "tp53"]) == 0
    found = pd.read_csv(tmp_path / "out.csv")
    assert len(found) == 84 and found["p"].is_monotonic_increasing
    assert {"feature", "source", "p", "q", "log2_fold_change", "hedges_g", "test"} <= set(found.columns)


def test_cluster_writes_assignments_and_scores(table: Path, tmp_path: Path) -> None:
    assert main(["cluster", str(table), str(tmp_path / "out"), "--target", "tp53", "--seed", "2"]) == 0
    assignments = pd.read_csv(tmp_path / "out" / "assignments.csv")
    found = json.loads((tmp_path / "out" / "clusters.json").read_text())
    assert list(assignments["id"]) == [f"P{i:03d}" for i in range(60)]
    assert set(assignments["cluster"]) == set(range(1, found["k"] + 1))
    assert list(found["davies_bouldin"]) == [str(k) for k in range(2, 10)]
    assert set(found["associations"]) == {"tp53", "cancer_type"} and len(found["tsne"]["coordinates"]) == 60


@pytest.mark.parametrize("command", ["volcano", "cluster", "train"])
def test_a_missing_target_is_one_sentence_and_status_two(command: str, table: Path, tmp_path: Path, capsys) -> None:
    assert main([command, str(table), str(tmp_path / "o"), "--target", "p53"]) == 2
    error = capsys.readouterr().err
    assert "no column 'p53'" in error and error.count("\n") == 1
    assert not (tmp_path / "o").exists()


def test_two_patients_are_refused_by_train(tmp_path: Path, capsys) -> None:
    small_table(n=2, without_bat=0).to_csv(tmp_path / "two.csv", index=False)
    assert main(["train", str(tmp_path / "two.csv"), str(tmp_path / "o"), "--target", "tp53"]) == 2
    assert "need at least 6 of each" in capsys.readouterr().err
