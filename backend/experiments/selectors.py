"""What a cohort's summary is made of."""

from collections import Counter

from backend.annotations.models import Consensus, Target
from backend.cohorts.figo import main_stage
from backend.cohorts.models import CancerType, Cohort, EligibilityDecision, Patient, PatientState
from backend.cohorts.selectors import newest_clinical_records
from backend.cohorts.services import current_rules
from backend.pathology.selectors import Tp53Label, rule_of, tp53_labels

TABLE_ONE_VARIABLES = (
    "age_years",
    "bmi_kg_m2",
    "figo_stage",
    "figo_edition",
    "lymph_node_metastasis",
    "grade",
    "histotype",
    "hpv_status",
    "height_cm",
    "weight_kg",
    "fasting_hours",
    "glucose_mmol_l",
)


def tp53_state(label: Tp53Label | None) -> str:
    """The words of the figures; empty where there is no read."""
    if label is None:
        return ""
    return "TP53 mutated" if label.mutated else "TP53 wild-type"


def flow_steps(cohort: Cohort) -> list[dict]:
    """Screened → criteria known → included → by cancer type; each with who left and why (STARD)."""
    states = Counter(Patient.objects.filter(cohort=cohort).values_list("enrolment__state", flat=True))
    screened = sum(states.values())
    included = states[PatientState.INCLUDED]
    leaving = _exclusion_reasons(cohort)
    eligible = (PatientState.ELIGIBLE, "Eligible, not included yet")
    for state, reason in ((PatientState.SCREENED, "Not yet decided"), eligible, (PatientState.WITHDRAWN, "Withdrawn")):
        if states[state]:
            leaving.append({"reason": reason, "n": states[state]})
    steps = [{"label": "Screened", "n": screened, "excluded": leaving}, {"label": "Included", "n": included}]
    unlabelled, labelled = _labelled(cohort)
    if unlabelled:
        steps[-1]["excluded"] = [{"reason": "No p53 read", "n": unlabelled}]
    return [*steps, {"label": "With a TP53 label", "n": labelled}]


def _exclusion_reasons(cohort: Cohort) -> list[dict]:
    """Each excluded patient under the first criterion that is not met, in the protocol's order."""
    excluded = Patient.objects.filter(cohort=cohort, enrolment__state=PatientState.EXCLUDED)
    decisions = EligibilityDecision.objects.filter(patient__in=excluded).order_by("patient_id", "-created_at")
    counts: Counter = Counter()
    for decision in decisions.distinct("patient_id"):
        unmet = [criterion["title"] for criterion in decision.criteria if criterion["outcome"] == "not_met"]
        counts[f"Not met: {unmet[0]}" if unmet else decision.reason or "Other"] += 1
    return [{"reason": reason, "n": n} for reason, n in sorted(counts.items())]


def _labelled(cohort: Cohort) -> tuple[int, int]:
    included = list(Patient.objects.filter(cohort=cohort, enrolment__state=PatientState.INCLUDED))
    labels = tp53_labels(included, rule=rule_of(current_rules(cohort)))
    return len(included) - len(labels), len(labels)


def table_one_rows(cohort: Cohort) -> list[dict]:
    """One row per included patient with the variables of Table 1; an unknown value is empty."""
    patients = list(
        Patient.objects.filter(cohort=cohort, enrolment__state=PatientState.INCLUDED).select_related("centre")
    )
    labels = tp53_labels(patients, rule=rule_of(current_rules(cohort)))
    clinical = newest_clinical_records(patients)
    sides = dataset_sides(cohort)
    rows = []
    for patient in patients:
        record = clinical.get(patient.pk)
        values = {name: getattr(record, name, None) for name in TABLE_ONE_VARIABLES}
        values["figo_stage"] = main_stage(record.figo_stage) if record else None
        rows.append(
            {
                "patient": patient.pseudonym,
                "cancer_type": record.cancer_type if record else "",
                "tp53": tp53_state(labels.get(patient.pk)),
                "dataset_side": sides.get(patient.pk, ""),
                "centre": str(patient.centre or ""),
                **{name: _written(value) for name, value in values.items()},
            }
        )
    return rows


def dataset_sides(cohort: Cohort) -> dict:
    """Training or test, by patient, in the newest frozen dataset; empty before the first."""
    newest = cohort.dataset_versions.order_by("-number").first()
    if newest is None:
        return {}
    members = newest.members.values_list("patient_id", "fold")
    return {patient: "test" if fold is None else "training" for patient, fold in members}


def _written(value: object) -> object:
    if isinstance(value, bool):
        return "positive" if value else "negative"
    return None if value == "" else value


def uptake_rows(cohort: Cohort) -> list[dict]:
    """SUVmax of every included patient with a consensus ROI, a cancer type and a TP53 state."""
    consensuses = (
        Consensus.objects.standing()
        .filter(
            case__patient__cohort=cohort,
            case__patient__enrolment__state=PatientState.INCLUDED,
            target=Target.TUMOUR,
            mask__isnull=False,
        )
        .select_related("case__patient", "measurement")
        .order_by("case_id", "-created_at")
        .distinct("case_id")
    )
    patients = [consensus.case.patient for consensus in consensuses]
    labels = tp53_labels(patients, rule=rule_of(current_rules(cohort)))
    clinical = newest_clinical_records(patients)
    rows = []
    for consensus in consensuses:
        patient = consensus.case.patient
        record, label = clinical.get(patient.pk), labels.get(patient.pk)
        if record and record.cancer_type and label and "suv_bw_max" in consensus.uptake:
            cancer = CancerType(record.cancer_type).label.lower()
            rows.append(
                {
                    "cancer_type": cancer,
                    "tp53": tp53_state(label),
                    "value": consensus.uptake["suv_bw_max"],
                }
            )
    return rows
