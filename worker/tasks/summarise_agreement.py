"""Agreement of a cohort's readers: comparisons and measurements of all cases → worst cases, ICC and figures."""

from itertools import combinations
from statistics import median

from backend.annotations.models import Consensus
from backend.annotations.reader_agreement import cases_compared, reader_measures
from backend.cohorts.models import Cohort
from backend.experiments.models import ExperimentKind
from backend.experiments.services.recording import FigureSpec, record_experiment
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from worker.compute.agreement import DEFINITIONS
from worker.compute.cohort_agreement import MeasureAgreement, MeasuredReading, measure_agreement
from worker.compute.figures.agreement import bland_altman, dice_by_pair
from worker.compute.fleiss import BACKGROUND
from worker.compute.surface_dice import SURFACE_TOLERANCE_MM
from worker.drawing import draw
from worker.tasks.runner import JobContext, job_task

SHARED = ("dice", "surface_dice", "hd95_mm", "volume_difference_percent")


@job_task(JobKind.SUMMARISE_AGREEMENT)
def summarise_agreement(context: JobContext) -> None:
    """fetch: comparisons and measurements → compute: ICC → record: cases by disagreement, tables and figures."""
    cohort = Cohort.objects.get(pk=context.job.subject_id)
    compared = cases_compared(cohort)
    measured = [MeasuredReading(**vars(measure)) for measure in reader_measures(cohort)]
    context.inputs(consensuses=[str(row.pk) for row in compared], readings=len(measured))
    measures = measure_agreement(measured)
    cases = sorted((_case_row(row) for row in compared), key=lambda row: -row["disagreement"])
    results = {
        "cases": cases,
        "measures": [measure.to_json() for measure in measures],
        "counts": _counts(cases),
        "definitions": DEFINITIONS,
        "background": BACKGROUND,
        "tolerance_mm": SURFACE_TOLERANCE_MM,
    }
    figures = _figures(compared, measures[0])
    with completing(context.claim, message=f"The readers of {len(cases)} cases are compared."):
        record_experiment(
            cohort=cohort, kind=ExperimentKind.AGREEMENT, job=context.job, results=results, figures=figures
        )


def _case_row(row: Consensus) -> dict:
    """A case with the mean over its pairs. What is not defined is left out of the mean; no pair at all is no number.

    ``disagreement`` is 1 - mean Dice; readers who differ on whether there is anything to draw differ in Dice too, since
    an empty mask against a drawn one has a Dice of 0. Where one could not evaluate what others could, one is added.
    """
    pairs, outcomes = row.agreement["pairs"], row.agreement["outcomes"]
    means = {name: _mean([abs(pair[name]) for pair in pairs if pair[name] is not None]) for name in SHARED}
    found = [outcome for outcome, count in outcomes.items() if count]
    apart = len(found) > 1
    return {
        "case": str(row.case_id),
        "pseudonym": row.case.patient.pseudonym,
        "readings": sum(outcomes.values()),
        "outcomes": outcomes,
        "outcomes_differ": apart,
        **means,
        "dice_min": min((pair["dice"] for pair in pairs if pair["dice"] is not None), default=None),
        "kappa": row.agreement.get("fleiss", {}).get("kappa"),
        "kappa_note": row.agreement.get("fleiss", {}).get("note", ""),
        "disagreement": (1.0 - means["dice"] if means["dice"] is not None else 0.0) + float(_unseen(outcomes)),
    }


def _unseen(outcomes: dict[str, int]) -> bool:
    return 0 < outcomes["not_evaluable"] < sum(outcomes.values())


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _counts(cases: list[dict]) -> dict:
    """What the tables leave out is counted, so that no case disappears."""
    dice = [row["dice"] for row in cases if row["dice"] is not None]
    kappa = [row["kappa"] for row in cases if row["kappa"] is not None]
    return {
        "cases": len(cases),
        "single_reading": sum(row["readings"] < 2 for row in cases),
        "outcomes_differ": sum(row["outcomes_differ"] for row in cases),
        "no_avid_tumour_by_all": sum(row["outcomes"]["no_avid_tumour"] == row["readings"] for row in cases),
        "not_evaluable_by_any": sum(row["outcomes"]["not_evaluable"] > 0 for row in cases),
        "dice_median": median(dice) if dice else None,
        "dice_cases": len(dice),
        "kappa_median": median(kappa) if kappa else None,
        "kappa_cases": len(kappa),
    }


def _figures(compared: list[Consensus], volume: MeasureAgreement) -> list[FigureSpec]:
    strokes = [
        {"pair": " · ".join(sorted((pair["a"], pair["b"]))), "case": row.case.patient.pseudonym, "dice": pair["dice"]}
        for row in compared
        for pair in row.agreement["pairs"]
        if pair["dice"] is not None
    ]
    figures = []
    if strokes:
        caption = "Each stroke is a case, the dot the median. An empty mask against a drawn one counts as 0."
        title = "Dice coefficient by pair of readers"
        figures.append(draw("dice_by_pair", title, dice_by_pair(strokes), caption=caption, n=len(strokes)))
    for number, (first, second) in enumerate(combinations(volume.readers, 2), 1):
        if not volume.values:
            break
        values = [[row[reader] for row in volume.values.values()] for reader in (first, second)]
        names = tuple(reader.rpartition(" (")[0] for reader in (first, second))
        caption = "Difference against mean of the drawn volumes, with the bias and the 95 % limits of agreement."
        title = f"Volume: {names[0]} and {names[1]}"
        spec = bland_altman(*values, names=names, unit="ml")
        figures.append(draw(f"bland_altman_{number}", title, spec, caption=caption, n=len(values[0])))
    return figures
