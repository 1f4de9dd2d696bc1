"""The paper's cohort through the real import: its Table 1 counts, and every statistic computed a second way."""

from collections import Counter
from io import StringIO

import numpy as np
import pandas as pd
import pytest
from django.core.management import call_command
from scipy import stats
from tableone import TableOne

from backend.cohorts.models import Cohort, Patient, PatientState
from backend.dashboards.flow import flow_of
from backend.experiments.models import Experiment
from backend.experiments.selectors import table_one_rows
from backend.jobs.models import JobKind
from backend.jobs.services import enqueue_job
from tests.factories.people import make_cohort
from worker.compute.__main__ import main
from worker.compute.phantoms.plan import plan_cohort
from worker.tasks.import_clinical import import_clinical
from worker.tasks.summarise_cohort import summarise_cohort

pytestmark = pytest.mark.django_db(transaction=False)

# Du et al. 2025, Table 1: stages I, II, III, IV, indeterminate; grades well, moderate, poor; nodes without, with.
PAPER = {
    "endometrial": {"stages": (83, 15, 11, 4, 7), "grades": (19, 30, 71), "nodes": (110, 10),
                    "age_years": (50, 55, 60.25), "bmi_kg_m2": (23.05, 24.80, 27.55)},
    "ovarian": {"stages": (2, 1, 29, 12, 1), "grades": (1, 0, 44), "nodes": (25, 20),
                "age_years": (50, 55, 62), "bmi_kg_m2": (21.23, 23.51, 26.18)},
    "cervical": {"stages": (57, 21, 14, 0, 2), "grades": (20, 62, 12), "nodes": (79, 15),
                 "age_years": (46, 53.5, 59), "bmi_kg_m2": (21.00, 22.66, 24.79)},
}  # fmt: skip
# The synthetic ages are whole years; the paper's cohort is larger than its quartiles can fix to the decimal.
AGE_TOLERANCE_YEARS, BMI_TOLERANCE = 1.0, 0.25


@pytest.fixture
def frame(tmp_path, monkeypatch) -> pd.DataFrame:
    """What the summary was made of, after the summary itself."""
    main(["phantom", str(tmp_path / "paper"), "--patients", "259", "--clinical-only"])
    cohort = make_cohort("paper")

    def work(job, **_):
        import_clinical(str(job.pk))
        job.refresh_from_db()
        return job

    monkeypatch.setattr("backend.cohorts.management.commands.import_clinical.wait_for_job", work)
    said = StringIO()
    call_command("import_clinical", str(tmp_path / "paper" / "clinical.csv"), "--cohort", "paper", stdout=said)
    assert "280 rows imported: 280 new patients" in said.getvalue()
    job = enqueue_job(kind=JobKind.SUMMARISE_COHORT, subject=cohort, cohort_uuid=cohort.pk)
    summarise_cohort(str(job.pk))
    return pd.DataFrame(table_one_rows(cohort))


def counts(frame: pd.DataFrame, cancer: str, column: str, words: tuple) -> tuple[int, ...]:
    found = frame[frame.cancer_type == cancer][column].value_counts()
    return tuple(int(found.get(word, 0)) for word in words)


def test_the_papers_cohort_reproduces_its_table_one_and_every_number_is_computed_twice(frame):
    assert len(frame) == 259 and Patient.objects.filter(enrolment__state=PatientState.EXCLUDED).count() == 21
    for cancer, paper in PAPER.items():
        assert counts(frame, cancer, "figo_stage", ("I", "II", "III", "IV", "indeterminate")) == paper["stages"]
        assert counts(frame, cancer, "grade", ("well", "moderate", "poor")) == paper["grades"]
        assert counts(frame, cancer, "lymph_node_metastasis", ("negative", "positive")) == paper["nodes"]
        mine = frame[frame.cancer_type == cancer]
        for column, tolerance in (("age_years", AGE_TOLERANCE_YEARS), ("bmi_kg_m2", BMI_TOLERANCE)):
            quartiles = mine[column].astype(float).quantile([0.25, 0.5, 0.75])
            assert np.allclose(quartiles, paper[column], atol=tolerance), (cancer, column)
    tables = Experiment.objects.get().results["table_one"]
    assert set(tables) == {"cancer_type", "tp53", "centre"}
    for grouping in tables:
        check_against_independent_computation(tables[grouping], frame, grouping)


def check_against_independent_computation(table: dict, frame: pd.DataFrame, grouping: str) -> None:
    groups = table["groups"][:-1]
    parts = [frame[frame[grouping] == name] for name in groups]
    assert table["sizes"] == [*(len(part) for part in parts), len(frame)]
    first = {row["variable"]: row for row in reversed(table["rows"])}
    numbers = [name for name in ("age_years", "bmi_kg_m2", "glucose_mmol_l") if name in first]
    for name in numbers:
        check_number(first[name], [part[name].astype(float).to_numpy() for part in parts])
    for name in ("figo_stage", "grade", "lymph_node_metastasis"):
        check_category(first[name], frame, name, grouping, table)
    check_differences(first, frame, grouping, numbers)


def check_number(row: dict, parts: list[np.ndarray]) -> None:
    is_normal = all(stats.shapiro(part).pvalue >= 0.05 for part in parts)
    assert row["level"] == ("mean (SD)" if is_normal else "median (IQR)")
    tests = {
        (2, True): lambda: stats.ttest_ind(*parts, equal_var=False),
        (2, False): lambda: stats.mannwhitneyu(*parts, alternative="two-sided"),
        (3, True): lambda: stats.f_oneway(*parts),
        (3, False): lambda: stats.kruskal(*parts),
    }
    assert row["p"] == pytest.approx(tests[(len(parts), is_normal)]().pvalue, rel=1e-9)
    for cell, part in zip(row["cells"], parts, strict=False):
        written = [float(word.strip("(),")) for word in cell.split()]
        expected = [part.mean(), part.std(ddof=1)] if is_normal else np.percentile(part, [50, 25, 75])
        assert np.allclose(written, expected, atol=0.0051)


def check_category(row: dict, frame: pd.DataFrame, name: str, grouping: str, table: dict) -> None:
    crossed = pd.crosstab(frame[name], frame[grouping])
    for line in (line for line in table["rows"] if line["variable"] == name):
        written = [int(cell.split()[0]) for cell in line["cells"]]
        assert written == [*crossed.loc[line["level"]], crossed.loc[line["level"]].sum()]
    expected = stats.contingency.expected_freq(crossed)
    if (expected < 5).mean() <= 0.2 and expected.min() >= 1:
        assert row["test"] == "chi-square"
        assert row["p"] == pytest.approx(stats.chi2_contingency(crossed, correction=False).pvalue, rel=1e-9)
    else:
        assert row["test"].startswith("Fisher")
        exact = stats.fisher_exact(crossed, method=stats.PermutationMethod(n_resamples=5000, rng=1))
        assert row["p"] == pytest.approx(float(np.ravel(exact.pvalue)[0]), abs=0.03)


def check_differences(first: dict, frame: pd.DataFrame, grouping: str, numbers: list[str]) -> None:
    """tableone prints three decimals for each pair of groups; ours is the largest of them, without its sign."""
    categories = ["grade", "lymph_node_metastasis"]
    theirs = TableOne(
        frame, columns=[*numbers, *categories], categorical=categories, continuous=numbers, groupby=grouping, smd=True,
        overall=False,
    ).tableone  # fmt: skip
    columns = [column for column in theirs.columns if "SMD" in column[1]]
    assert columns, "tableone names its differences SMD"
    for name in (*numbers, *categories):
        lines = theirs[[label.split(",")[0] == name for label in theirs.index.get_level_values(0)]][columns]
        pairs = [abs(float(value)) for value in lines.to_numpy().ravel() if str(value).strip()]
        assert first[name]["difference"] == pytest.approx(max(pairs), abs=0.00051), (grouping, name)


def test_the_flow_is_that_of_the_planted_exclusions(frame, tmp_path):
    """259 included; the others, each counted once under the criterion that was planted to fail."""
    cohort = Cohort.objects.get(slug="paper")
    planted = Counter(plan.exclusion.partition("_")[0] for plan in plan_cohort(259, 1.5, 0) if plan.exclusion)
    flow = flow_of(cohort)
    assert [box.n for box in flow.steps[:2]] == [259 + sum(planted.values()), 259]
    (excluded,) = flow.leaving[0]
    found = {title.partition(")")[0].strip("("): n for title, n, _ in excluded.lines}
    assert found == planted and excluded.n == sum(planted.values())
