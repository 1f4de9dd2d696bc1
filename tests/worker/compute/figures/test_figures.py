"""Every figure is a valid Vega-Lite specification without expressions, small enough to store, and can be printed."""

import json

import numpy as np
import pytest

from tests.worker.compute.feature_tables import CANCERS, small_table
from worker.compute import figures
from worker.compute.clustering import cluster_cases
from worker.compute.errors import UnreadableInput
from worker.compute.metrics import calibration_points, evaluate, precision_recall_points, roc_points
from worker.compute.tables import table_from_frame
from worker.compute.volcano import volcano, volcano_by_cancer

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 2, 60)
PROBABILITIES = np.clip(0.5 + 0.3 * (LABELS - 0.5) + RNG.normal(0, 0.2, 60), 0, 1)


def entry() -> dict:
    test = evaluate(LABELS, PROBABILITIES).to_json()
    curve = [
        {"epoch": e, "train": 0.7 * 0.93**e, "validation": 0.7 * 0.95**e + 0.004 * e, "stopping": 0.6}
        for e in range(1, 22)
    ]
    return {"test": test, "folds": [{"fold": i, "loss": curve, **test} for i in range(5)]}


def clusters():
    values = RNG.normal(size=(60, 16)) + 4 * (np.arange(60) % 3)[:, None] * RNG.normal(size=16)
    tp53 = [("TP53 wild-type", "TP53 mutated")[i % 2] for i in range(60)]
    cancers = [CANCERS[i % 3] for i in range(60)]
    categories = {"TP53": tp53, "cancer type": cancers}
    return cluster_cases(values, [f"P{i}" for i in range(60)], seed=0, compare_with=categories), categories


def all_figures() -> dict[str, dict]:
    table = table_from_frame(small_table().astype(str), target="tp53")
    result, categories = clusters()
    model, points = entry(), {"combined": (LABELS, PROBABILITIES), "tumour_pet": (LABELS, PROBABILITIES[::-1])}
    steps = [
        {"label": "PET/CT before treatment", "n": 300, "excluded": [{"reason": "treated before PET/CT", "n": 21}]},
        {
            "label": "Biopsy confirms primary",
            "n": 279,
            "excluded": [{"reason": "other tumour", "n": 14}, {"reason": "under 18", "n": 6}],
        },
        {"label": "Analysed", "n": 259},
    ]
    suv = [
        {"cancer_type": c, "tp53": t, "value": float(v)}
        for c in CANCERS
        for t in ("TP53 wild-type", "TP53 mutated")
        for v in RNG.gamma(6, 2, 25)
    ]
    volume = RNG.gamma(3, 10, 40)
    return {
        "flow_diagram": figures.flow_diagram(steps),
        "suv_distribution": figures.suv_distribution(suv),
        "feature_class_counts": figures.feature_class_counts(
            {"Tumour": {"first order": 342, "GLCM": 456}, "BAT": {"first order": 342}}
        ),
        "loss_curves": figures.loss_curves(model["folds"]),
        "confusion_matrices": figures.confusion_matrices(model["folds"], model["test"]),
        "roc_curves": figures.roc_curves({k: roc_points(*v) for k, v in points.items()}),
        "precision_recall_curves": figures.precision_recall_curves(
            {k: precision_recall_points(*v) for k, v in points.items()}
        ),
        "calibration_curve": figures.calibration_curve({k: calibration_points(*v) for k, v in points.items()}),
        "model_comparison": figures.model_comparison({"tumour_ct": model, "combined": model}, {"organ_only": model}),
        "volcano_panel": figures.volcano_panel(volcano(table), title="All cancers"),
        "volcano_grid": figures.volcano_grid(
            volcano_by_cancer(table) | {("bat_pet", "ovarian"): "Too few ovarian patients with brown fat for a test."}
        ),
        "tsne_scatter": figures.tsne_scatter(result, categories),
        "davies_bouldin_curve": figures.davies_bouldin_curve(result),
        "cluster_heat_map": figures.cluster_heat_map(result, categories),
        "cluster_composition": figures.cluster_composition(result.associations["TP53"], title="TP53 by cluster"),
        "dice_by_pair": figures.dice_by_pair(
            [
                {"pair": f"reader {p}", "case": str(i), "dice": float(d)}
                for p in "AB"
                for i, d in enumerate(RNG.beta(9, 2, 20))
            ]
        ),
        "bland_altman": figures.bland_altman(
            list(volume), list(volume * RNG.normal(1.05, 0.1, 40)), names=("reader A", "reader B")
        ),
    }


@pytest.fixture(scope="module")
def specifications() -> dict[str, dict]:
    return all_figures()


def test_there_is_a_specification_for_every_public_figure(specifications: dict[str, dict]) -> None:
    assert set(specifications) == set(figures.__all__) - {"export"}


def test_specifications_are_plain_json_on_a_transparent_ground_without_expressions(specifications) -> None:
    for name, found in specifications.items():
        text = json.dumps(found, allow_nan=False)
        assert found["config"]["background"] == "transparent", name
        assert found["$schema"].startswith("https://vega.github.io/schema/vega-lite/"), name
        # Encodings alone: an expression or a transform would be code from data in the page.
        assert '"transform"' not in text and '"expr"' not in text and '"url"' not in text, name


def test_every_figure_prints_as_svg(specifications) -> None:
    for name, found in specifications.items():
        svg = figures.export(found, "svg").decode()
        assert svg.startswith("<svg") and "NaN" not in svg, name


def test_png_pdf_and_a_refusal(specifications) -> None:
    one = specifications["davies_bouldin_curve"]
    assert figures.export(one, "png").startswith(b"\x89PNG") and figures.export(one, "pdf").startswith(b"%PDF")
    with pytest.raises(UnreadableInput, match="choose svg, pdf or png"):
        figures.export(one, "gif")


def test_empty_results_still_make_figures() -> None:
    assert figures.roc_curves({}) and figures.loss_curves([]) and figures.model_comparison({}, {})
    assert figures.volcano_grid({("tumour_ct", "all"): "There is only one class."})
