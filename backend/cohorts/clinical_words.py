"""The words of typed clinical values, and the validators of those that no list can hold."""

import re

from django.core.exceptions import ValidationError
from django.db import models

from backend.cohorts.figo import INDETERMINATE, is_stage_word

_TNM = {
    "T": re.compile(r"(y?[cp]|[ra])?T(X|is|[0-4][a-d]?[1-3]?)"),
    "N": re.compile(r"(y?[cp]|[ra])?N(X|[0-3](mi)?[a-c]?[12]?)"),
    "M": re.compile(r"(y?[cp]|[ra])?M(X|[01][a-c]?)"),
}
_GENOTYPES = re.compile(r"\d{1,2}(,\d{1,2})*")


class Source(models.TextChoices):
    """Where a stage, a grade or the state of the nodes is known from."""

    PATHOLOGY = "pathology", "Pathology"
    IMAGING = "imaging", "Imaging"
    CLINICAL = "clinical", "Clinical examination"


class FigoEdition(models.TextChoices):
    Y2009 = "2009", "2009"
    Y2014 = "2014", "2014"
    Y2018 = "2018", "2018"
    Y2023 = "2023", "2023"


class HpvStatus(models.TextChoices):
    POSITIVE = "positive", "Positive"
    NEGATIVE = "negative", "Negative"
    NOT_TESTED = "not_tested", "Not tested"


class Histotype(models.TextChoices):
    """WHO 2020 types of the three cancers, as far as a study of this size tells them apart."""

    ENDOMETRIOID = "endometrioid", "Endometrioid"
    SEROUS = "serous", "Serous"
    HIGH_GRADE_SEROUS = "high_grade_serous", "High-grade serous"
    LOW_GRADE_SEROUS = "low_grade_serous", "Low-grade serous"
    CLEAR_CELL = "clear_cell", "Clear cell"
    MUCINOUS = "mucinous", "Mucinous"
    CARCINOSARCOMA = "carcinosarcoma", "Carcinosarcoma"
    UNDIFFERENTIATED = "undifferentiated", "Undifferentiated"
    DEDIFFERENTIATED = "dedifferentiated", "Dedifferentiated"
    MIXED = "mixed", "Mixed"
    MESONEPHRIC = "mesonephric", "Mesonephric"
    SQUAMOUS = "squamous", "Squamous cell"
    ADENOCARCINOMA = "adenocarcinoma", "Adenocarcinoma"
    ADENOSQUAMOUS = "adenosquamous", "Adenosquamous"
    NEUROENDOCRINE = "neuroendocrine", "Neuroendocrine"
    OTHER = "other", "Other"


def validate_figo_stage(value: str) -> None:
    """A stage of any edition, as FIGO writes it."""
    if not is_stage_word(value):
        raise ValidationError(f"Not a FIGO stage: I, II, III or IV with its letters (as IIIC1), or {INDETERMINATE}.")


def _validate_tnm(letter: str, value: str) -> None:
    if not _TNM[letter].fullmatch(value):
        raise ValidationError(f"Not a {letter} category of TNM, such as {letter}0, p{letter}1 or {letter}X.")


def validate_tnm_t(value: str) -> None:
    _validate_tnm("T", value)


def validate_tnm_n(value: str) -> None:
    _validate_tnm("N", value)


def validate_tnm_m(value: str) -> None:
    _validate_tnm("M", value)


def validate_hpv_genotypes(value: str) -> None:
    if not _GENOTYPES.fullmatch(value):
        raise ValidationError("Numbers of HPV types, such as 16,18.")
