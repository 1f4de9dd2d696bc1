"""``/api/v1/cohorts/<slug>/cases/``: the cases of a cohort and starting the next step of one."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from backend.annotations.blinding import require_readings_visible
from backend.annotations.models import Target
from backend.annotations.services.consensus import enqueue_consensus
from backend.cohorts.access import CohortPermission
from backend.cohorts.models import Role
from backend.core.access import AccessRule, Audience
from backend.core.errors import NotFound
from backend.features.services.extraction import enqueue_extraction
from backend.imaging.models import Case
from backend.imaging.services.volumes import enqueue_bat_proposal
from backend.jobs.models import Job, JobKind
from backend.jobs.serializers import JobSerializer

_STARTERS = frozenset({Role.COORDINATOR, Role.ADJUDICATOR, Role.ANALYST})
ACTIONS = ("build_consensus", "settle_bat", "propose_bat", "extract_features")


class CaseSerializer(serializers.ModelSerializer):
    """A CT and a PET that are read together. Sizes and spacings are in the geometries, in mm (LPS)."""

    pseudonym = serializers.CharField(source="patient.pseudonym", read_only=True)
    ct_id = serializers.UUIDField(read_only=True)
    pet_id = serializers.UUIDField(read_only=True)
    ct_geometry = serializers.JSONField(source="ct.geometry", read_only=True)
    pet_geometry = serializers.JSONField(source="pet.geometry", read_only=True)

    class Meta:
        model = Case
        fields = ["id", "pseudonym", "ct_id", "pet_id", "ct_geometry", "pet_geometry", "created_at"]


class CaseActionSerializer(serializers.Serializer):
    """What to start."""

    action = serializers.ChoiceField(choices=ACTIONS)


class CaseView:
    """What the case views share."""

    access_rule = AccessRule(audience=Audience.COHORT, roles=_STARTERS | {Role.READER})
    permission_classes = [CohortPermission]
    serializer_class = CaseSerializer
    queryset = Case.objects.none()

    def get_queryset(self) -> QuerySet[Case]:
        rows = Case.objects.filter(patient__cohort=self.cohort).select_related("patient__cohort", "ct", "pet")
        return rows.order_by("patient__pseudonym", "created_at")

    def case(self, case_id: UUID) -> Case:
        found = self.get_queryset().filter(pk=case_id).first()
        if found is None:
            raise NotFound("There is no such case in this cohort.")
        return found


class CaseListView(CaseView, generics.ListAPIView):
    """The cases of the cohort."""


class CaseDetailView(CaseView, generics.GenericAPIView):
    """One case."""

    @extend_schema(operation_id="cases_retrieve")
    def get(self, request: Request, slug: str, case_id: UUID) -> Response:
        return Response(CaseSerializer(self.case(case_id)).data)


class CaseActionView(CaseView, generics.GenericAPIView):
    """Starts the next step of a case as a job."""

    access_rule = AccessRule(audience=Audience.COHORT, roles=_STARTERS, blinded=True)
    serializer_class = CaseActionSerializer

    @extend_schema(request=CaseActionSerializer, responses={202: JobSerializer})
    def post(self, request: Request, slug: str, case_id: UUID) -> Response:
        case = self.case(case_id)
        require_readings_visible(request.user, case, self.roles)
        asked = CaseActionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        job = _start(asked.validated_data["action"], case, request)
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)


def _start(action: str, case: Case, request: Request) -> Job:
    if action == "propose_bat":
        enqueue_bat_proposal(case)
        return Job.objects.filter(kind=JobKind.PROPOSE_BAT, subject_id=str(case.pk)).latest("created_at")
    if action == "extract_features":
        return enqueue_extraction(case, actor=request.user)
    target = Target.BAT if action == "settle_bat" else Target.TUMOUR
    return enqueue_consensus(case, target=target, actor=request.user)
