"""What a person can do next in a cohort: the first open piece of work that their roles allow."""

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


def next_step(cohort: Cohort, roles: frozenset[str], missing: dict[str, int], *, patient_count: int) -> NextStep | None:
    """``missing`` counts the patients in the study who lack each part."""
    open_work = {**missing, "patients": 0 if patient_count else 1}
    for role, part, words, page in _STEPS:
        count = 1 if part is None else open_work.get(part, 0)
        url = address(page, slug=cohort.slug)
        if role in roles and count and url and may_open(url, roles):
            return NextStep(title=words.format(n=count), url=url)
    return None
