"""The counts and quartiles of the paper's Table 1 (Du et al. 2025), scaled to a cohort of any size."""

from collections.abc import Sequence

import numpy as np

CANCER_TYPES = ("endometrial", "ovarian", "cervical")
PATIENTS = {"endometrial": 120, "ovarian": 45, "cervical": 94}
STAGES = ("I", "II", "III", "IV", "indeterminate")
STAGE_COUNTS = {
    "endometrial": (83, 15, 11, 4, 7),
    "ovarian": (2, 1, 29, 12, 1),
    "cervical": (57, 21, 14, 0, 2),
}
GRADES = ("well", "moderate", "poor")
GRADE_COUNTS = {"endometrial": (19, 30, 71), "ovarian": (1, 0, 44), "cervical": (20, 62, 12)}
# (without, with) lymph-node metastasis
NODE_COUNTS = {"endometrial": (110, 10), "ovarian": (25, 20), "cervical": (79, 15)}
AGE_QUARTILES_YEARS = {"endometrial": (50, 55, 60.25), "ovarian": (50, 55, 62), "cervical": (46, 53.5, 59)}
BMI_QUARTILES_KG_M2 = {
    "endometrial": (23.05, 24.80, 27.55),
    "ovarian": (21.23, 23.51, 26.18),
    "cervical": (21.00, 22.66, 24.79),
}
# Tukey's fence: where a distribution with these quartiles ends but for outliers.
TAIL_IN_IQR = 1.5


def scale_counts(counts: Sequence[int], total: int) -> list[int]:
    """Whole numbers in the proportion of ``counts`` that add up to ``total`` (largest remainders)."""
    exact = np.asarray(counts, dtype=float) * total / sum(counts)
    whole = np.floor(exact).astype(int)
    for index in np.argsort(whole - exact, kind="stable")[: total - whole.sum()]:
        whole[index] += 1
    return whole.tolist()


def patients_per_cancer(total: int) -> dict[str, int]:
    """Table 1's 120 : 45 : 94."""
    return dict(zip(CANCER_TYPES, scale_counts([PATIENTS[cancer] for cancer in CANCER_TYPES], total), strict=True))


def shuffled_categories(names: Sequence, counts: Sequence[int], total: int, rng: np.random.Generator) -> list:
    """``total`` names in the proportion of ``counts``, in random order."""
    values = np.repeat(np.arange(len(names)), scale_counts(counts, total))
    return [names[index] for index in rng.permutation(values)]


def through_quartiles(
    quartiles: tuple[float, float, float], total: int, rng: np.random.Generator, lowest: float
) -> np.ndarray:
    """``total`` values with the given quartiles: equally spaced quantiles of a piecewise linear distribution."""
    lower, median, upper = quartiles
    reach = TAIL_IN_IQR * (upper - lower)
    knots = (max(lowest, lower - reach), lower, median, upper, upper + reach)
    quantiles = (np.arange(total) + 0.5) / total
    return rng.permutation(np.interp(quantiles, (0, 0.25, 0.5, 0.75, 1), knots))
