"""Reading a feature table: sources by prefix, labels, patients, and a sentence for every kind of broken table."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.worker.compute.feature_tables import small_table
from worker.compute.errors import ComputeError
from worker.compute.tables import UNPREFIXED, read_table, table_from_frame


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(text)
    return path


def test_prefixed_columns_become_sources(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    small_table(n=20).to_csv(path, index=False)
    table = read_table(path, target="tp53")
    assert list(table.sources) == ["tumour_ct", "tumour_pet", "bat_ct", "bat_pet", "clinical"]
    assert table.sources["bat_ct"].present.sum() == 15 and table.sources["tumour_ct"].present.all()
    assert "clinical__stage=II" in table.sources["clinical"].names
    assert table.ids[0] == "P000" and set(table.labels) == {0, 1}


def test_a_table_without_prefixes_is_one_source_without_text_or_target(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "ID,a,b,file,Target\nx,1,2,u.nii,1\ny,3,,v.nii,0\n"), target="Target")
    assert table.sources[UNPREFIXED].names == ("a", "b") and np.isnan(table.sources[UNPREFIXED].values[1, 1])
    assert any("text columns" in sentence for sentence in table.warnings)


def test_rows_of_one_patient_are_grouped(tmp_path: Path) -> None:
    text = "patient_id,lesion,a,y\np,1,1,0\np,2,2,0\nq,1,3,1\n"
    by_id = read_table(written(tmp_path, text), target="y")
    assert by_id.groups == ("p", "p", "q") and any("more than once" in w for w in by_id.warnings)
    assert read_table(written(tmp_path, text), target="y", group="lesion").groups == ("1", "2", "1")


def test_words_for_labels_and_unlabelled_rows(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "a,y\n1,mutated\n2,wild-type\n3,\n4,1.0\n"), target="y")
    assert list(table.labels) == [1, 0, 1] and "1 rows without y" in table.warnings[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "no column 'y'"),
        ("a,y\n1,0\n2,3\n", "must be binary"),
        ("a,y\n1,\n2,\n", "No row has a value"),
        ("tumour_ct__a,y\n1,0\nbig,1\n", "tumour_ct__a holds 'big' in row 2"),
        ("a,y\n1,0\ninf,1\n", "not a finite number"),
        ("a,a,y\n1,2,0\n", "occurs twice"),
        ("a,y\n", "no rows"),
        ("y,name\n0,u\n1,v\n", "no numeric feature"),
        ("id,a,y\n,1,0\n", "no id"),
        ('a,y\n"1,0\n', "not a CSV table"),
    ],
)
def test_broken_tables_are_refused_in_a_sentence(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ComputeError, match=words):
        read_table(written(tmp_path, text), target="y")


def test_a_missing_file_and_bytes_that_are_no_table_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ComputeError, match="There is no file"):
        read_table(tmp_path / "none.csv", target="y")
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00\x81" * 20)
    with pytest.raises(ComputeError):
        read_table(tmp_path / "b.csv", target="y")


def test_constant_columns_are_counted() -> None:
    table = table_from_frame(pd.DataFrame({"a": ["1", "1"], "b": ["1", "2"], "y": ["0", "1"]}), target="y")
    assert any("1 of 2 columns" in sentence for sentence in table.warnings)
