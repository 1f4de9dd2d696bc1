"""Statistics: a frozen dataset → every feature against TP53, in sixteen volcano plots (paper Figure 5)."""

import pandas as pd

from backend.cohorts.models import DatasetVersion
from backend.experiments.models import ExperimentKind
from backend.experiments.services.recording import record_experiment
from backend.experiments.trainable import analysable_members
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from worker.compute.figures.theme import title_of
from worker.compute.figures.volcanoes import volcano_grid, volcano_panel
from worker.compute.volcano import ALL_CANCERS, volcano_by_cancer
from worker.datasets import feature_table
from worker.drawing import draw
from worker.tasks.runner import JobContext, job_task

# A page lists the strongest; the whole table is the figure's own data and its export.
STRONGEST = 50


@job_task(JobKind.COMPUTE_STATISTICS)
def compute_statistics(context: JobContext) -> None:
    """fetch: the frozen features → compute: tests per source and cancer → record: tables and volcano plots."""
    dataset = DatasetVersion.objects.select_related("cohort").get(pk=context.job.subject_id)
    context.inputs(dataset=dataset.sha256)
    context.progress(0.1, "Comparing features")
    table = feature_table(analysable_members(dataset))
    panels = volcano_by_cancer(table)
    context.progress(0.7, "Drawing")
    figures = [draw("volcano_grid", "Volcano plots", volcano_grid(panels), n=len(table))]
    figures += [
        draw(f"volcano_{source}_{cancer}", _title(source, cancer), volcano_panel(frame), n=_patients(frame))
        for (source, cancer), frame in panels.items()
        if isinstance(frame, pd.DataFrame)
    ]
    with completing(context.claim, message=f"{len(panels)} comparisons of {len(table)} patients."):
        record_experiment(
            cohort=dataset.cohort,
            dataset=dataset,
            kind=ExperimentKind.STATISTICS,
            job=context.job,
            results={"n": len(table), "panels": [_panel(*key, found) for key, found in panels.items()]},
            figures=figures,
        )


def _patients(frame: pd.DataFrame) -> int:
    """The most patients that a feature of the panel was compared in."""
    return int((frame["n_negative"] + frame["n_positive"]).max())


def _title(source: str, cancer: str) -> str:
    return f"{title_of(source)}, {'all cancers' if cancer == ALL_CANCERS else cancer}"


def _panel(source: str, cancer: str, found: pd.DataFrame | str) -> dict:
    if isinstance(found, str):
        return {"source": source, "cancer": cancer, "reason": found, "n": 0, "significant": 0, "strongest": []}
    strongest = found.head(STRONGEST).astype(object)
    rows = strongest.where(strongest.notna(), None).to_dict("records")
    significant = int((found["q"] < 0.05).sum())
    return {
        "source": source,
        "cancer": cancer,
        "reason": "",
        "n": _patients(found),
        "significant": significant,
        "strongest": rows,
    }
