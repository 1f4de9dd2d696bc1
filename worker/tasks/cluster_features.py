"""Clusters: the deep features of the combined model → Ward clusters, t-SNE, heat map, associations."""

from dataclasses import asdict

import numpy as np

from backend.experiments.models import Experiment, ExperimentKind
from backend.experiments.services.recording import FigureSpec, record_experiment
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from worker.compute.clustering import ClusterResult, cluster_cases
from worker.compute.figures.clusters import cluster_composition, cluster_heat_map, davies_bouldin_curve, tsne_scatter
from worker.compute.figures.volcanoes import volcano_panel
from worker.compute.statistics import Association
from worker.compute.tables import FeatureTable, Source
from worker.compute.volcano import volcano
from worker.drawing import draw
from worker.tasks.runner import JobContext, job_task

TITLES = {"cancer_type": "Cancer", "tp53": "TP53"}
STATES = {1: "TP53 mutated", 0: "TP53 wild-type"}


@job_task(JobKind.CLUSTER_FEATURES)
def cluster_features(context: JobContext) -> None:
    """fetch: deep features → compute: clusters → record: assignments, associations, figure 9."""
    trained = Experiment.objects.select_related("cohort", "dataset_version").get(pk=context.job.subject_id)
    deep, seed = trained.results["deep_features"], context.job.parameters["seed"]
    context.inputs(experiment=str(trained.pk), seed=seed)
    context.progress(0.1, "Clustering")
    vectors, categories = np.asarray(deep["refit"]), _categories(deep)
    result = cluster_cases(vectors, deep["patients"], seed=seed, compare_with=categories)
    context.progress(0.7, "Drawing")
    held_out = _held_out_association(result, deep, categories, seed)
    figures = _figures(result, categories, deep, held_out)
    assignments = result.assignments(categories).to_dict("records")
    message = f"{result.k} clusters of {len(vectors)} patients."
    with completing(context.claim, message=message):
        record_experiment(
            cohort=trained.cohort,
            dataset=trained.dataset_version,
            based_on=trained,
            kind=ExperimentKind.CLUSTERING,
            job=context.job,
            seed=seed,
            results={**result.to_json(), "assignments": assignments, "held_out_tp53": asdict(held_out)},
            figures=figures,
        )


def _categories(deep: dict) -> dict[str, list[str]]:
    return {"cancer_type": deep["cancer_types"], "tp53": [STATES[label] for label in deep["labels"]]}


def _held_out_association(result: ClusterResult, deep: dict, categories: dict, seed: int) -> Association:
    """Clusters, as many, of the vectors that a fold model made of patients it never saw, against TP53."""
    vectors = np.asarray(deep["held_out"])
    compare = {"tp53": categories["tp53"]}
    again = cluster_cases(vectors, deep["patients"], seed=seed, compare_with=compare, counts=[result.k])
    return again.associations["tp53"]


def _told(association: Association) -> str:
    return association.reason or f"p = {association.p:.3g} ({association.test})"


def _figures(
    result: ClusterResult, categories: dict[str, list[str]], deep: dict, held_out: Association
) -> list[FigureSpec]:
    n = len(result.case_ids)
    composition = {
        name: found for name, found in result.associations.items() if found.reason is None or not found.reason
    }
    circular = (
        "The training patients' labels shaped these vectors, so this association is partly circular; "
        f"with vectors of fold models that never saw the patient it is {_told(held_out)}."
    )
    titled = {TITLES[name]: values for name, values in categories.items()}
    figures = [
        draw("davies_bouldin", "Number of clusters", davies_bouldin_curve(result), n=n),
        draw("tsne", "t-SNE of the deep features", tsne_scatter(result, titled), n=n),
        draw("heat_map", "Deep features by cluster", cluster_heat_map(result, titled), n=n),
        draw("deep_volcano", "Deep features against TP53", _deep_volcano(result, deep), n=n),
    ]
    for name, association in composition.items():
        title = f"Clusters and {'TP53' if name == 'tp53' else 'cancer type'}"
        spec = cluster_composition(association, title=title)
        caption = circular if name == "tp53" else ""
        figures.append(draw(f"composition_{name}", title, spec, caption=caption, n=association.n))
    return figures


def _deep_volcano(result: ClusterResult, deep: dict) -> dict:
    """Figure 9 d: each deep feature against the TP53 state."""
    table = FeatureTable(
        ids=result.case_ids,
        groups=result.case_ids,
        cancer_types=tuple(deep["cancer_types"]),
        labels=np.asarray(deep["labels"]),
        sources={"deep": Source(names=result.feature_names, values=result.standardised)},
    )
    return volcano_panel(volcano(table), title=f"n = {len(table)}")
