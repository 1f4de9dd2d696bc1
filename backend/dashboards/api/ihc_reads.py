"""``/api/v1/cohorts/<slug>/patients/<pseudonym>/ihc-reads/``: the p53 reads of a patient, and signing one."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.audit.access_log import record_view
from backend.cohorts.models import Role
from backend.cohorts.services import current_rules
from backend.core.access import AccessRule, Audience
from backend.dashboards.api.patients import PatientView
from backend.dashboards.selectors.patient import p53_section
from backend.pathology.serializers import IhcReadListSerializer, IhcReadSerializer
from backend.pathology.services.reads import sign_read


class IhcReadView(PatientView, APIView):
    """What the stain says, by whom; a correction is a new read."""

    method_rules = {
        "POST": AccessRule(audience=Audience.COHORT, roles=frozenset({Role.PATHOLOGIST}), blinded=True),
    }

    @extend_schema(operation_id="ihc_reads_retrieve", responses=IhcReadListSerializer)
    def get(self, request: Request, slug: str, pseudonym: str) -> Response:
        patient = self.seen_patient(pseudonym)
        record_view(request, patient)
        section = p53_section(request.user, self.roles, patient, current_rules(self.cohort))
        found = {
            "reads": section.reads,
            "hidden_count": section.hidden_count,
            "tp53_mutated": section.label.mutated if section.label else None,
            "percent_stained": section.label.percent_stained if section.label else None,
            "discordance": section.sentences,
        }
        return Response(IhcReadListSerializer(found).data)

    @extend_schema(operation_id="ihc_reads_create", request=IhcReadSerializer, responses={201: IhcReadSerializer})
    def post(self, request: Request, slug: str, pseudonym: str) -> Response:
        patient = self.seen_patient(pseudonym)
        asked = IhcReadSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        read = sign_read(patient=patient, reader=request.user, values=dict(asked.validated_data))
        return Response(IhcReadSerializer(read).data, status=status.HTTP_201_CREATED)
