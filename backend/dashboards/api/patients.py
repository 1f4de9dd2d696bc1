"""``/api/v1/cohorts/<slug>/patients/``: patients, their clinical records and eligibility, as far as blinding allows."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.annotations.blinding import blinded_patient_ids
from backend.audit.access_log import record_view
from backend.cohorts.access import CohortPermission
from backend.cohorts.clinical_records import record_clinical
from backend.cohorts.eligibility_log import lift_override, override_eligibility
from backend.cohorts.models import ClinicalRecord, EligibilityDecision, Patient, Role
from backend.cohorts.patient_serializers import (
    ClinicalRecordSerializer,
    DecisionSerializer,
    OverrideSerializer,
    PatientDetailSerializer,
    PatientSerializer,
)
from backend.cohorts.selectors import patient_of
from backend.cohorts.services import current_rules
from backend.core.access import AccessRule, Audience
from backend.core.errors import Conflict
from backend.dashboards.board_filters import BoardFilter
from backend.dashboards.selectors.board import board_patients
from backend.dashboards.selectors.patient import eligibility_section, newest_record, require_seen


def _rule(*roles: str, blinded: bool = False) -> AccessRule:
    return AccessRule(audience=Audience.COHORT, roles=frozenset(roles), blinded=blinded)


# Readers who are nothing else have their worklist; clinical values are not for them.
SEES_PATIENTS = (Role.COORDINATOR, Role.ADJUDICATOR, Role.PATHOLOGIST, Role.ANALYST)


class PatientView:
    """What the views of patients share."""

    access_rule = _rule(*SEES_PATIENTS, blinded=True)
    permission_classes = [CohortPermission]
    # A form leaves an unknown flag out, and would be read as "no".
    parser_classes = [JSONParser]

    def seen_patient(self, pseudonym: str) -> Patient:
        """The patient. Raises NotFound, or Forbidden while the person is blinded."""
        patient = patient_of(self.cohort, pseudonym)
        require_seen(self.request.user, self.roles, patient)
        return patient

    def page(self, rows: QuerySet, serializer: type) -> Response:
        return self.get_paginated_response(serializer(self.paginate_queryset(rows), many=True).data)


def hide(patient: Patient, blinded: frozenset) -> Patient:
    """The patient as a blinded person gets them."""
    patient.is_blinded = patient.pk in blinded
    if patient.is_blinded:
        patient.cancer_type, patient.enrolment.reason = None, None
    return patient


class PatientListView(PatientView, generics.ListAPIView):
    """The cohort's patients by pseudonym, with the filters of the board."""

    access_rule = _rule(*SEES_PATIENTS)
    serializer_class = PatientSerializer
    filterset_class = BoardFilter
    queryset = Patient.objects.none()

    def get_queryset(self) -> QuerySet[Patient]:
        return board_patients(self.cohort)

    def filter_queryset(self, queryset: QuerySet[Patient]) -> QuerySet[Patient]:
        self.blinded = frozenset(blinded_patient_ids(self.request.user, self.cohort))
        values = {"cohort": self.cohort, "rules": current_rules(self.cohort), "blinded": self.blinded}
        return BoardFilter(self.request.query_params, queryset, **values).qs

    def paginate_queryset(self, queryset: QuerySet[Patient]) -> list[Patient]:
        return [hide(patient, self.blinded) for patient in super().paginate_queryset(queryset)]


class PatientDetailView(PatientView, APIView):
    """One patient with the newest clinical record and the criteria."""

    @extend_schema(operation_id="patients_retrieve", responses=PatientDetailSerializer)
    def get(self, request: Request, slug: str, pseudonym: str) -> Response:
        patient = self.seen_patient(pseudonym)
        record_view(request, patient)
        record = newest_record(patient)
        patient.is_blinded, patient.clinical = False, record
        patient.cancer_type = record.cancer_type if record else None
        patient.criteria = eligibility_section(patient, current_rules(self.cohort)).criteria
        return Response(PatientDetailSerializer(patient).data)


class ClinicalRecordView(PatientView, generics.GenericAPIView):
    """Every clinical record of a patient, newest first, and adding one."""

    method_rules = {"POST": _rule(Role.COORDINATOR, Role.PATHOLOGIST, blinded=True)}
    serializer_class = ClinicalRecordSerializer
    queryset = ClinicalRecord.objects.none()
    filter_backends: list = []

    @extend_schema(operation_id="patients_clinical_list", responses=ClinicalRecordSerializer(many=True))
    def get(self, request: Request, slug: str, pseudonym: str) -> Response:
        records = self.seen_patient(pseudonym).clinical_records.select_related("recorded_by").order_by("-created_at")
        return self.page(records, ClinicalRecordSerializer)

    @extend_schema(operation_id="patients_clinical_create", responses={201: ClinicalRecordSerializer})
    def post(self, request: Request, slug: str, pseudonym: str) -> Response:
        """A new record: the values sent over the newest record's; the criteria are evaluated again."""
        patient = self.seen_patient(pseudonym)
        asked = ClinicalRecordSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = dict(asked.validated_data)
        reason = values.pop("reason")
        record = record_clinical(patient=patient, values=values, source="api", actor=request.user, reason=reason)
        if record is None:
            raise Conflict("Nothing differs from the newest record.")
        return Response(ClinicalRecordSerializer(record).data, status=status.HTTP_201_CREATED)


class EligibilityView(PatientView, generics.GenericAPIView):
    """The eligibility log of a patient, newest first, and a coordinator's word over the criteria."""

    method_rules = {"POST": _rule(Role.COORDINATOR, blinded=True)}
    serializer_class = DecisionSerializer
    queryset = EligibilityDecision.objects.none()
    filter_backends: list = []

    @extend_schema(operation_id="patients_eligibility_list", responses=DecisionSerializer(many=True))
    def get(self, request: Request, slug: str, pseudonym: str) -> Response:
        log = self.seen_patient(pseudonym).eligibility_decisions.select_related("protocol", "decided_by")
        return self.page(log.order_by("-created_at"), DecisionSerializer)

    @extend_schema(
        operation_id="patients_eligibility_create", request=OverrideSerializer, responses={201: DecisionSerializer}
    )
    def post(self, request: Request, slug: str, pseudonym: str) -> Response:
        patient = self.seen_patient(pseudonym)
        asked = OverrideSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        change = override_eligibility if "state" in values else lift_override
        decision = change(patient=patient, actor=request.user, **values)
        return Response(DecisionSerializer(decision).data, status=status.HTTP_201_CREATED)
