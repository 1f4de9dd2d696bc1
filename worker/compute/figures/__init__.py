"""Every figure of the paper as one Vega-Lite declaration that serves the page and the publication file."""

from worker.compute.figures.agreement import bland_altman, dice_by_pair
from worker.compute.figures.clusters import cluster_composition, cluster_heat_map, davies_bouldin_curve, tsne_scatter
from worker.compute.figures.cohort import feature_class_counts, flow_diagram, suv_distribution
from worker.compute.figures.models import (
    calibration_curve,
    confusion_matrices,
    loss_curves,
    model_comparison,
    precision_recall_curves,
    roc_curves,
)
from worker.compute.figures.printing import export
from worker.compute.figures.volcanoes import volcano_grid, volcano_panel

__all__ = [
    "bland_altman",
    "calibration_curve",
    "cluster_composition",
    "cluster_heat_map",
    "confusion_matrices",
    "davies_bouldin_curve",
    "dice_by_pair",
    "export",
    "feature_class_counts",
    "flow_diagram",
    "loss_curves",
    "model_comparison",
    "precision_recall_curves",
    "roc_curves",
    "suv_distribution",
    "tsne_scatter",
    "volcano_grid",
    "volcano_panel",
]
