"""The cohort board: how complete every patient is, for one page of patients at a constant number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from backend.accounts.models import User
from backend.annotations.models import Assignment, Consensus, Mask, MaskSource, Reading, Target, handed_in
from backend.annotations.selectors import with_state
from backend.cohorts.models import ClinicalRecord, Cohort, Patient
from backend.cohorts.protocol import ProtocolRules
from backend.cohorts.selectors import newest_clinical_records
from backend.features.models import FeatureSet, Source
from backend.features.selectors import current_feature_sets
from backend.imaging.models import Case, Series
from backend.jobs.models import Job, JobKind
from backend.pathology.models import IhcRead
from backend.pathology.selectors import Tp53Label, rule_of, tp53_labels

_OWN = OuterRef("pk")
# What a patient needs before features can enter a dataset, each as a condition on the patient.
PARTS: dict[str, tuple[str, Exists]] = {
    "clinical": ("clinical values", Exists(ClinicalRecord.objects.filter(patient=_OWN))),
    "ihc": ("p53 read", Exists(IhcRead.objects.filter(specimen__patient=_OWN))),
    "ct": ("CT", Exists(Series.objects.filter(study__patient=_OWN, modality="CT"))),
    "pet": ("PET", Exists(Series.objects.filter(study__patient=_OWN, modality="PT"))),
    "readings": ("tumour reading", Exists(Reading.objects.standing().filter(case__patient=_OWN, target=Target.TUMOUR))),
    "consensus": (
        "tumour consensus",
        Exists(Consensus.objects.standing().filter(case__patient=_OWN, target=Target.TUMOUR)),
    ),
    "bat": (
        "signed brown fat",
        Exists(Consensus.objects.standing().filter(case__patient=_OWN, target=Target.BAT, is_signed=True)),
    ),
    "features": ("features", Exists(FeatureSet.objects.filter(case__patient=_OWN, values__isnull=False))),
}
# Work on a case that a cell shows while it is under way: the kind → the part of the patient that it makes.
MAKES = {JobKind.BUILD_CONSENSUS: "consensus", JobKind.PROPOSE_BAT: "bat", JobKind.EXTRACT_FEATURES: "features"}
SOURCE_COUNT = len(Source.values)


@dataclass(frozen=True, kw_only=True)
class BoardRow:
    """One patient as the board shows it; what a blinded person may not see is left out (``is_blinded``).

    ``readings`` holds a state per place of the protocol's reading scheme: submitted, open, waiting or "" (to nobody).
    ``working`` names the parts that a job in flight is making.
    """

    patient: Patient
    is_blinded: bool
    clinical: ClinicalRecord | None
    label: Tp53Label | None
    is_p53_hidden: bool
    ct_count: int
    pet_count: int
    case_id: UUID | None
    readings: list[str]
    consensus: Consensus | None
    bat: Consensus | None
    bat_proposed: bool
    features_done: int
    features_refused: int
    working: frozenset[str] = field(default_factory=frozenset)

    @property
    def has_case(self) -> bool:
        return self.case_id is not None

    @property
    def readings_done(self) -> int:
        return self.readings.count("submitted")


def board_patients(cohort: Cohort) -> QuerySet[Patient]:
    """The cohort's patients with ``cancer_type`` of their newest record, for filters and rows."""
    newest = ClinicalRecord.objects.filter(patient=_OWN).order_by("-created_at").values("cancer_type")[:1]
    patients = Patient.objects.filter(cohort=cohort).select_related("enrolment", "centre")
    return patients.annotate(cancer_type=Subquery(newest)).order_by("pseudonym")


def missing(patients: QuerySet[Patient], part: str) -> QuerySet[Patient]:
    """The patients who lack one of ``PARTS``."""
    return patients.filter(~PARTS[part][1])


def state_counts(cohort: Cohort) -> dict[str, int]:
    """How many patients are in each state."""
    rows = Patient.objects.filter(cohort=cohort).values_list("enrolment__state").annotate(n=Count("pk"))
    return dict(rows.order_by())


def missing_counts(patients: QuerySet[Patient]) -> dict[str, int]:
    """How many of these patients lack each part, in one query."""
    annotated = patients.annotate(**{f"has_{part}": condition for part, (_, condition) in PARTS.items()})
    return annotated.aggregate(**{part: Count("pk", filter=Q(**{f"has_{part}": False})) for part in PARTS})


def board_rows(
    patients: Iterable[Patient],
    *,
    rules: ProtocolRules,
    blinded: frozenset[UUID],
    unread_p53: frozenset[UUID] = frozenset(),
) -> list[BoardRow]:
    """The rows of one page; the label of ``unread_p53`` patients waits for the person's own read."""
    patients = list(patients)
    clinical = newest_clinical_records(patients)
    labels = tp53_labels(patients, rule=rule_of(rules))
    images = _image_counts(patients)
    cases = newest_cases(patients)
    readings = _reading_states(cases.values())
    consensuses = _newest_consensuses(cases.values())
    proposed = _bat_proposals(cases.values())
    features = _feature_states(cases.values())
    working = _under_way(cases.values())
    rows = []
    for patient in patients:
        case_id, hidden = cases.get(patient.pk), patient.pk in blinded
        ct_count, pet_count = images.get(patient.pk, (0, 0))
        states = [] if hidden else features.get(case_id, [])
        rows.append(
            BoardRow(
                patient=patient,
                is_blinded=hidden,
                clinical=None if hidden else clinical.get(patient.pk),
                label=None if hidden or patient.pk in unread_p53 else labels.get(patient.pk),
                is_p53_hidden=not hidden and patient.pk in unread_p53,
                ct_count=ct_count,
                pet_count=pet_count,
                case_id=case_id,
                readings=[] if hidden else _places(readings.get(case_id, []), rules.readers_per_case),
                consensus=None if hidden else consensuses.get((case_id, Target.TUMOUR)),
                bat=None if hidden else consensuses.get((case_id, Target.BAT)),
                bat_proposed=not hidden and case_id in proposed,
                features_done=sum(not reason for reason in states),
                features_refused=sum(bool(reason) for reason in states),
                working=frozenset() if hidden else frozenset(working.get(case_id, ())),
            )
        )
    return rows


def _places(states: list[str], wanted: int) -> list[str]:
    """Handed in first, then started, then given; a place for everyone whom the protocol asks for."""
    order = ("submitted", "open", "waiting")
    return [*sorted(states, key=order.index), *[""] * max(wanted - len(states), 0)]


@dataclass(frozen=True, kw_only=True)
class ReaderRow:
    """One patient as a reader sees them: images there, own readings handed in of those assigned."""

    patient: Patient
    ct_count: int
    pet_count: int
    assigned: int
    handed_in: int


def patients_to_read(cohort: Cohort, reader: User) -> QuerySet[Patient]:
    """The patients whose cases were given to this reader."""
    cases = Assignment.objects.filter(reader=reader, case__patient=_OWN)
    return Patient.objects.filter(Exists(cases), cohort=cohort).order_by("pseudonym")


def reader_rows(patients: Iterable[Patient], reader: User) -> list[ReaderRow]:
    """The rows of one page of a reader's board."""
    patients = list(patients)
    images = _image_counts(patients)
    own = Assignment.objects.filter(reader=reader, case__patient__in=patients).values_list("case__patient")
    counts = own.annotate(assigned=Count("pk", distinct=True), owed=Count("pk", filter=~Q(handed_in())))
    by_patient = {patient_id: (assigned, assigned - owed) for patient_id, assigned, owed in counts.order_by()}
    return [
        ReaderRow(
            patient=patient,
            ct_count=images.get(patient.pk, (0, 0))[0],
            pet_count=images.get(patient.pk, (0, 0))[1],
            assigned=by_patient[patient.pk][0],
            handed_in=by_patient[patient.pk][1],
        )
        for patient in patients
    ]


def newest_cases(patients: list[Patient]) -> dict[UUID, UUID]:
    """The case that counts, by patient: the newest where there are several."""
    rows = Case.objects.filter(patient__in=patients).order_by("patient_id", "-created_at").distinct("patient_id")
    return dict(rows.values_list("patient_id", "pk"))


def _image_counts(patients: list[Patient]) -> dict[UUID, tuple[int, int]]:
    series = Series.objects.filter(study__patient__in=patients).values_list("study__patient_id")
    counts = series.annotate(ct=Count("pk", filter=Q(modality="CT")), pet=Count("pk", filter=Q(modality="PT")))
    return {patient_id: (ct, pet) for patient_id, ct, pet in counts.order_by()}


def _reading_states(cases: Iterable[UUID]) -> dict[UUID, list[str]]:
    """The state of every tumour assignment that stands, and a submitted one for each imported region, by case."""
    cases = list(cases)
    given = with_state(Assignment.objects.filter(case__in=cases, target=Target.TUMOUR)).select_related(None)
    states: dict[UUID, list[str]] = {}
    readers = set()
    for case_id, reader_id, state in given.order_by().values_list("case_id", "reader_id", "state"):
        states.setdefault(case_id, []).append(state)
        readers.add((case_id, reader_id))
    rows = Reading.objects.standing().filter(case__in=cases, target=Target.TUMOUR)
    # A reading whose assignment was taken back counts still; an imported region is one reading per origin.
    for case_id, reader_id, origin in rows.order_by().values_list("case_id", "reader_id", "origin"):
        if (case_id, reader_id or origin) not in readers:
            states.setdefault(case_id, []).append("submitted")
            readers.add((case_id, reader_id or origin))
    return states


def _newest_consensuses(cases: Iterable[UUID]) -> dict[tuple[UUID, str], Consensus]:
    rows = Consensus.objects.standing().filter(case__in=list(cases)).order_by("case_id", "target", "-created_at")
    newest = rows.distinct("case_id", "target").only(
        "case_id", "target", "method", "outcome", "is_signed", "created_at"
    )
    return {(row.case_id, row.target): row for row in newest}


def _bat_proposals(cases: Iterable[UUID]) -> set[UUID]:
    """Cases whose brown fat the rule has marked; features are made from it as long as nobody has signed."""
    rules = Mask.objects.filter(case__in=list(cases), target=Target.BAT, source=MaskSource.BAT_RULE)
    return set(rules.values_list("case_id", flat=True))


def _feature_states(cases: Iterable[UUID]) -> dict[UUID, list[str]]:
    """The reason (empty where there are values) of every source that was extracted, by case."""
    rows = current_feature_sets(Case.objects.filter(pk__in=list(cases))).select_related(None)
    states: dict[UUID, list[str]] = {}
    for case_id, reason in rows.values_list("case_id", "reason"):
        states.setdefault(case_id, []).append(reason)
    return states


def _under_way(cases: Iterable[UUID]) -> dict[UUID, set[str]]:
    """The parts that a queued or running job is making, by case."""
    jobs = Job.objects.in_flight().filter(kind__in=MAKES, subject_id__in=[str(case) for case in cases])
    found: dict[UUID, set[str]] = {}
    for subject_id, kind in jobs.order_by().values_list("subject_id", "kind"):
        found.setdefault(UUID(subject_id), set()).add(MAKES[JobKind(kind)])
    return found
