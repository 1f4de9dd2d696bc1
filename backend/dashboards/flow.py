"""The flow of patients (CONSORT/STARD, the paper's Figure 1) from the newest entry of each eligibility log."""

from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.urls import reverse

from backend.cohorts.eligibility import NOT_MET
from backend.cohorts.models import Cohort, EligibilityDecision, Enrolment, Patient, PatientState
from backend.dashboards.selectors.board import board_patients, missing, missing_counts

BY_HAND = "by_hand"
NEEDED = {"ct": "No CT", "pet": "No PET", "consensus": "No consensus on the tumour", "ihc": "No p53 read"}
WAITING = (
    (PatientState.SCREENED, "Not decided yet: a criterion is unknown"),
    (PatientState.ELIGIBLE, "Eligible, not included yet"),
    (PatientState.WITHDRAWN, "Withdrew"),
)


@dataclass(frozen=True, kw_only=True)
class FlowBox:
    """One box: how many patients, the list of them, and lines of (text, how many, list) under its title."""

    title: str
    n: int
    url: str
    lines: list[tuple[str, int, str]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Flow:
    """``steps`` go down the page; ``leaving[i]`` stands between step i and the next one, to its right."""

    steps: list[FlowBox]
    leaving: list[list[FlowBox]]


def excluded_under(patients: QuerySet[Patient]) -> dict[str, list]:
    """Excluded patients (keys) under the first criterion of the protocol that they do not meet, or ``BY_HAND``."""
    gone = patients.filter(enrolment__state=PatientState.EXCLUDED).order_by().values("pk")
    rows = EligibilityDecision.objects.filter(patient__in=gone).order_by("patient_id", "-created_at")
    found: dict[str, list] = {}
    for decision in rows.distinct("patient_id"):
        unmet = [row["code"] for row in decision.criteria if row["outcome"] == NOT_MET]
        found.setdefault(unmet[0] if unmet and not decision.is_override else BY_HAND, []).append(decision.patient_id)
    return found


def flow_of(cohort: Cohort) -> Flow:
    """Screened, then included, then complete; each with who left and why. A constant number of queries."""
    patients, board = board_patients(cohort), reverse("dashboards:board", kwargs={"slug": cohort.slug})
    states = dict.fromkeys(PatientState.values, 0)
    for state in Enrolment.objects.filter(patient__cohort=cohort).values_list("state", flat=True):
        states[state] += 1
    leaving = [_excluded_box(cohort, patients, states[PatientState.EXCLUDED], board)]
    leaving += [FlowBox(title=title, n=states[state], url=f"{board}?state={state}") for state, title in WAITING]
    included = patients.filter(enrolment__state=PatientState.INCLUDED)
    incomplete = _incomplete_box(included, f"{board}?state=included")
    number = states[PatientState.INCLUDED]
    complete = FlowBox(
        title="Complete: CT, PET, consensus, p53 read", n=number - incomplete.n, url=f"{board}?state=included"
    )
    return Flow(
        steps=[
            FlowBox(title="Screened", n=sum(states.values()), url=board),
            FlowBox(title="Included", n=number, url=f"{board}?state=included"),
            complete,
        ],
        leaving=[[box for box in leaving if box.n], [incomplete] if incomplete.n else []],
    )


def _incomplete_box(included: QuerySet[Patient], url: str) -> FlowBox:
    """Who lacks something counts once in the box, and in every line of what is lacking."""
    lacking = missing_counts(included)
    lines = [(title, lacking[part], f"{url}&missing={part}") for part, title in NEEDED.items() if lacking[part]]
    keys = {pk for part in NEEDED if lacking[part] for pk in missing(included, part).values_list("pk", flat=True)}
    return FlowBox(title="Incomplete (a patient may lack several)", n=len(keys), url=url, lines=lines)


def _excluded_box(cohort: Cohort, patients: QuerySet[Patient], n: int, board: str) -> FlowBox:
    titles, by_code = _titles(cohort), excluded_under(patients)
    lines = [
        (titles.get(code, f"({code})"), len(by_code[code]), f"{board}?state=excluded&excluded_by={code}")
        for code in sorted(by_code, key=lambda code: (code == BY_HAND, code))
    ]
    return FlowBox(title="Excluded", n=n, url=f"{board}?state=excluded", lines=lines)


def _titles(cohort: Cohort) -> dict[str, str]:
    """What was asked under each code, in the words of the newest decision."""
    titles: dict[str, str] = {BY_HAND: "By a coordinator"}
    newest = EligibilityDecision.objects.filter(patient__cohort=cohort).exclude(criteria=[]).order_by("-created_at")
    for criteria in newest.values_list("criteria", flat=True)[:1]:
        titles |= {row["code"]: f"({row['code']}) {row['title']}" for row in criteria}
    return titles
