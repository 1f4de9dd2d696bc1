"""FIGO stages by cancer and edition: which there are, what main stage they belong to, and which contain the p53 state.

Sources: Pecorelli 2009 (cervix and endometrium), Bhatla 2018 (cervix), Prat 2014 (ovary), Berek 2023 (endometrium).
"""

import re

INDETERMINATE = "indeterminate"
MAIN_STAGES = ("I", "II", "III", "IV")
_MOLECULAR = re.compile(r"m(p53abn|POLEmut|MMRd|NSMP)$")
_HOW_FOUND = re.compile(r"(?<=\d)[rp]$")
_SUBSTAGES = {
    ("cervical", "2009"): "IA IA1 IA2 IB IB1 IB2 IIA IIA1 IIA2 IIB IIIA IIIB IVA IVB",
    ("cervical", "2018"): "IA IA1 IA2 IB IB1 IB2 IB3 IIA IIA1 IIA2 IIB IIIA IIIB IIIC IIIC1 IIIC2 IVA IVB",
    ("ovarian", "2014"): "IA IB IC IC1 IC2 IC3 IIA IIB IIIA IIIA1 IIIA1(i) IIIA1(ii) IIIA2 IIIB IIIC IVA IVB",
    ("endometrial", "2009"): "IA IB IIIA IIIB IIIC IIIC1 IIIC2 IVA IVB",
    ("endometrial", "2023"): "IA IA1 IA2 IA3 IB IC IIA IIB IIC IIIA IIIA1 IIIA2 IIIB IIIB1 IIIB2 IIIC IIIC1 IIIC1(i) "
    "IIIC1(ii) IIIC2 IIIC2(i) IIIC2(ii) IVA IVB IVC",
}
STAGES = {key: (*MAIN_STAGES, *words.split()) for key, words in _SUBSTAGES.items()}
EDITIONS = {
    cancer: tuple(edition for known, edition in STAGES if known == cancer)
    for cancer in ("endometrial", "ovarian", "cervical")
}
MOLECULAR_EDITION = ("endometrial", "2023")
ALL_STAGES = (*dict.fromkeys(stage for stages in STAGES.values() for stage in sorted(stages)), INDETERMINATE)
ALL_EDITIONS = tuple(sorted({edition for _, edition in STAGES}))


def main_stage(stage: str) -> str:
    """I to IV, indeterminate, or nothing: “IIIC1” → “III”."""
    if stage in ("", INDETERMINATE):
        return stage
    return next(main for main in ("IV", "III", "II", "I") if stage.startswith(main))


def without_molecular(stage: str) -> str:
    """The anatomical part: “IICmp53abn” → “IIC”."""
    return _MOLECULAR.sub("", stage)


def contains_p53(stage: str) -> bool:
    """Whether the stage says what the p53 state or a class that excludes it is: every molecular addition does."""
    return bool(_MOLECULAR.search(stage))


def is_stage_word(stage: str) -> bool:
    """Whether any edition has the stage."""
    return _anatomical(stage) in ALL_STAGES


def stage_problem(*, cancer: str, edition: str, stage: str) -> str:
    """The sentence why this stage cannot be; empty where it can. What is not known refutes nothing."""
    if not stage or stage == INDETERMINATE:
        return ""
    if cancer and edition and edition not in EDITIONS[cancer]:
        return f"FIGO has no {edition} edition for {cancer} cancer; accepted: {', '.join(EDITIONS[cancer])}"
    if contains_p53(stage) and (cancer, edition) != MOLECULAR_EDITION:
        return "only the 2023 edition of endometrial cancer adds a molecular class to a stage"
    if stage in MAIN_STAGES:
        return ""
    if not cancer or not edition:
        missing = "cancer type" if not cancer else "FIGO edition"
        return f"a stage with letters needs its {missing}, because editions use the same letters differently"
    known = STAGES[(cancer, edition)]
    if _anatomical(stage) not in known:
        accepted = ", ".join([*known, INDETERMINATE])
        return f"FIGO {edition} has no such stage for {cancer} cancer; accepted: {accepted}"
    return ""


def model_input_problem(*, cancer: str, edition: str, stage: str) -> str:
    """Why the stage may not be a model's input for TP53; empty where it may."""
    if not stage or cancer != MOLECULAR_EDITION[0]:
        return ""
    if edition == MOLECULAR_EDITION[1] or contains_p53(stage):
        return "endometrial FIGO 2023 can contain the p53 state itself, which a TP53 model would only read back"
    if not edition:
        return "the FIGO edition of the endometrial stage is not known, and the 2023 edition can contain the p53 state"
    return ""


def _anatomical(stage: str) -> str:
    """Without the molecular class, and without the r or p by which cervix 2018 says how nodes were found."""
    return _HOW_FOUND.sub("", without_molecular(stage))
