"""What a person can do next in a cohort: the first open piece of work that their roles allow."""

from collections.abc import Callable
from dataclasses import dataclass

from backend.cohorts.models import Cohort, Role
from backend.core.navigation import address, may_open


@dataclass(frozen=True, kw_only=True)
class NextStep:
    """A primary button: its words, and where it leads."""

    title: str
    url: str


# (role, what is missing or None for "always", words with {n}, page); the first that applies and exists is offered.
_STEPS = (
    (Role.COORDINATOR, "patients", "Import DICOM", "imaging:upload_list"),
    (Role.COORDINATOR, "patients", "Import clinical values", "cohorts:clinical_import"),
    (Role.READER, None, "Go on reading", "annotations:worklist"),
    (Role.PATHOLOGIST, "ihc", "Read p53 of {n} patients", "pathology:worklist"),
    (Role.COORDINATOR, "pet", "Import PET/CT of {n} patients", "imaging:upload_list"),
    (Role.COORDINATOR, "clinical", "Import clinical values of {n} patients", "cohorts:clinical_import"),
    (Role.COORDINATOR, "readings", "Assign {n} patients to readers", "annotations:assignments"),
    (Role.ADJUDICATOR, "consensus", "Settle {n} patients", "cases:list"),
    (Role.COORDINATOR, "ihc", "Import p53 of {n} patients", "cohorts:clinical_import"),
    (Role.ANALYST, "features", "Extract features of {n} patients", "cases:list"),
    (Role.ANALYST, None, "Freeze a dataset", "results:datasets"),
)


def next_step(
    cohort: Cohort, roles: frozenset[str], lacking: Callable[[str], int], *, patient_count: int
) -> NextStep | None:
    """``lacking`` counts the patients in the study who lack a part; it is asked for no more parts than it must."""
    for role, part, words, page in _STEPS:
        url = address(page, slug=cohort.slug)
        if role not in roles or not url or not may_open(url, roles):
            continue
        if part is None:
            count = 1
        elif part == "patients":
            count = 0 if patient_count else 1
        else:
            count = lacking(part) if patient_count else 0
        if count:
            return NextStep(title=words.format(n=count), url=url)
    return None
