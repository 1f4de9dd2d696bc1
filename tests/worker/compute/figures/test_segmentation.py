"""Curves of a segmenter's training: every epoch with a value, every patient out of fold, drawn without a browser."""

from backend.experiments.figure_files import figure_rows
from backend.experiments.models import Figure
from worker.compute.figures import export
from worker.compute.figures.segmentation import dice_of_folds, training_curves

FOLDS = [
    {
        "fold": fold,
        "curves": {"train_loss": [0.1, -0.2], "validation_loss": [0.2, None], "dice": [0.4, 0.6]},
        "out_of_fold_dice": {f"PETRA-{fold}1": 0.5, f"PETRA-{fold}2": 0.7},
    }
    for fold in range(2)
]


def rows_of(spec: dict) -> list[dict]:
    """Through the table that a person downloads."""
    columns, rows = figure_rows(Figure(spec=spec))
    return [dict(zip(columns, row, strict=True)) for row in rows]


def test_an_epoch_without_a_value_is_left_out_and_not_zero():
    rows = rows_of(training_curves(FOLDS))
    losses = [row for row in rows if row["part"]]
    dice = [row["value"] for row in rows if row["fold"] == "Fold 2" and not row["part"]]
    assert len(losses) == 6 and dice == [0.4, 0.6]
    assert {row["epoch"] for row in losses if row["part"] == "validation"} == {1}


def test_every_patient_is_a_stroke_and_n_stands_beside_the_fold():
    rows = rows_of(dice_of_folds(FOLDS))
    assert {row["patient"] for row in rows} == {"PETRA-01", "PETRA-02", "PETRA-11", "PETRA-12"}
    assert {row["fold"] for row in rows} == {"Fold 1 (n = 2)", "Fold 2 (n = 2)"}


def test_both_figures_are_printed():
    for spec in (training_curves(FOLDS), dice_of_folds(FOLDS)):
        assert export(spec, "svg").startswith(b"<svg")
