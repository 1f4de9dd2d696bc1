"""Results without a withdrawn patient: their rows leave figures and tables; what was computed with them is stale."""

from backend.cohorts.models import Patient
from backend.core.storage import erase
from backend.core.without import without
from backend.experiments.models import Experiment, Figure

PRINTED = ("", ".pdf", ".png")


def forget_in_results(patient: Patient) -> list[str]:
    """Takes the patient out of every figure's data and experiment's results; returns printed files to be erased.

    A printed figure cannot be taken apart: it goes whole, and is printed anew by the next job.
    """
    mine = {"experiment__cohort": patient.cohort_id, "spec__icontains": patient.pseudonym}
    printed = []
    for figure in Figure.objects.filter(**mine):
        printed.append(figure.svg_key)
        Figure.objects.filter(pk=figure.pk).update(
            spec=without(figure.spec, patient.pseudonym), svg_key="", svg_sha256=""
        )
    for name in ("results", "settings"):
        rows = Experiment.objects.filter(cohort=patient.cohort_id, **{f"{name}__icontains": patient.pseudonym})
        for experiment in rows:
            kept = without(getattr(experiment, name), patient.pseudonym)
            Experiment.objects.filter(pk=experiment.pk).update(**{name: kept})
    return [key for key in printed if key]


def erase_printed(keys: list[str]) -> None:
    """The SVG and what was made from it."""
    for key in keys:
        for suffix in PRINTED:
            erase(f"{key.removesuffix('.svg')}{suffix}" if suffix else key)
