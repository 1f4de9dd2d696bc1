"""Summary: a cohort as it is → flow diagram, Table 1, uptake by cancer and TP53 state (paper Figures 1 and 4)."""

import pandas as pd

from backend.cohorts.models import Cohort
from backend.experiments.models import ExperimentKind
from backend.experiments.selectors import flow_steps, table_one_rows, uptake_rows
from backend.experiments.services.recording import record_experiment
from backend.features.selectors import feature_names_by_source
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from worker.compute.figures.cohort import feature_class_counts, flow_diagram, suv_distribution
from worker.compute.figures.theme import title_of
from worker.compute.radiomics.names import class_counts
from worker.compute.table_one import table_one
from worker.drawing import draw
from worker.tasks.runner import JobContext, job_task

GROUPINGS = ("cancer_type", "tp53", "dataset_side", "centre")
# What rows are grouped by and never described: on which side of a split a patient is, is no trait of the patient.
NO_VARIABLES = ("patient", "dataset_side")


@job_task(JobKind.SUMMARISE_COHORT)
def summarise_cohort(context: JobContext) -> None:
    """fetch: eligibility log, clinical records, uptake → compute: Table 1 → record: tables and figures."""
    cohort = Cohort.objects.get(pk=context.job.subject_id)
    steps, rows, uptake = flow_steps(cohort), table_one_rows(cohort), uptake_rows(cohort)
    context.inputs(patients=len(rows), steps=[step["n"] for step in steps])
    tables = {}
    frame = pd.DataFrame(rows)
    for grouping in GROUPINGS:
        if rows and frame[grouping].astype(bool).any():
            variables = [name for name in frame.columns if name not in (grouping, *NO_VARIABLES)]
            tables[grouping] = table_one(frame, grouping, variables=variables).to_json()
    figures = [draw("flow", "Flow of patients", flow_diagram(steps), n=steps[0]["n"])]
    if uptake:
        caption = "SUVmax of the consensus ROI on the native PET grid."
        title = "Uptake by cancer and TP53 state"
        figures.append(draw("uptake", title, suv_distribution(uptake), caption=caption, n=len(uptake)))
    if names := feature_names_by_source(cohort):
        counts = {title_of(source): class_counts(found) for source, found in names.items()}
        caption = "How many features the newest extraction of each source has in each class."
        figures.append(draw("feature_classes", "Features by class", feature_class_counts(counts), caption=caption))
    with completing(context.claim, message=f"{len(rows)} included patients summarised."):
        record_experiment(
            cohort=cohort,
            kind=ExperimentKind.SUMMARY,
            job=context.job,
            results={"flow": steps, "table_one": tables, "n": len(rows)},
            figures=figures,
        )
