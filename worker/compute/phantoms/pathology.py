"""p53 immunohistochemistry, histotype and HPV of a synthetic tumour, consistent with its TP53 label."""

from dataclasses import dataclass

import numpy as np

# The paper's rule: more than 5 % of the nuclei stained is TP53 mutated.
MUTATED_ABOVE_PERCENT = 5
FIGO_EDITIONS = {"endometrial": "2009", "ovarian": "2014", "cervical": "2018"}
HISTOTYPES = {
    "endometrial": (("endometrioid", 0.80), ("serous", 0.11), ("clear_cell", 0.05), ("carcinosarcoma", 0.04)),
    "ovarian": (("high_grade_serous", 0.75), ("clear_cell", 0.12), ("endometrioid", 0.10), ("mucinous", 0.03)),
    "cervical": (("squamous", 0.80), ("adenocarcinoma", 0.16), ("adenosquamous", 0.04)),
}
HPV_POSITIVE_IN_CERVIX = 0.9
FAILED_CONTROL = 0.03
# pattern, its share, lowest and highest percentage of stained nuclei, intensity
PATTERNS_MUTATED = (
    ("overexpression", 0.60, 80, 100, "strong"),
    ("wild_type", 0.28, 6, 60, "weak"),
    ("subclonal", 0.07, 15, 60, "strong"),
    ("cytoplasmic", 0.05, 8, 40, "moderate"),
)
PATTERNS_WILD_TYPE = (("wild_type", 0.85, 1, 5, "weak"), ("null", 0.15, 0, 0, "none"))


@dataclass(frozen=True)
class P53Read:
    """What a pathologist writes about one p53 slide."""

    percent_stained: int
    intensity: str
    pattern: str
    internal_control: int


def read_p53(mutated: bool, rng: np.random.Generator) -> P53Read:
    """A read on the label's side of 5 %; some wild-type patterns are above it and null patterns below, as in life."""
    patterns = PATTERNS_MUTATED if mutated else PATTERNS_WILD_TYPE
    pattern, _, lowest, highest, intensity = patterns[rng.choice(len(patterns), p=[row[1] for row in patterns])]
    control = 1 if pattern == "null" else int(rng.random() >= FAILED_CONTROL)
    return P53Read(int(rng.integers(lowest, highest + 1)), intensity, pattern, control)


def draw_histotype(cancer_type: str, rng: np.random.Generator) -> str:
    names, shares = zip(*HISTOTYPES[cancer_type], strict=True)
    return str(rng.choice(names, p=shares))


def draw_hpv(cancer_type: str, rng: np.random.Generator) -> str:
    if cancer_type != "cervical":
        return "not_tested"
    return "positive" if rng.random() < HPV_POSITIVE_IN_CERVIX else "negative"
