"""``/api/v1/cohorts/<slug>/jobs/``: the cohort's jobs, and stopping or repeating one."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.cohorts.access import CohortPermission
from backend.cohorts.models import Role
from backend.core.access import AccessRule, Audience
from backend.core.errors import NotFound
from backend.dashboards.job_starts import start_job
from backend.dashboards.withholding import WITHHELD, jobs_seen_by, withholds_details
from backend.jobs.filters import JobFilter
from backend.jobs.models import Job
from backend.jobs.serializers import JobDetailSerializer, JobSerializer, StartJobSerializer
from backend.jobs.services import cancel_job, retry_job

MAY_SEE_JOBS = AccessRule(audience=Audience.COHORT, roles=frozenset({Role.COORDINATOR, Role.ANALYST}))


class JobView:
    """What the job views share: who may, and what a blinded reader gets."""

    access_rule = MAY_SEE_JOBS
    permission_classes = [CohortPermission]

    def jobs(self) -> QuerySet[Job]:
        return jobs_seen_by(self.request.user, self.cohort)

    def shown(self, data: dict | list) -> dict | list:
        """Without what a person who still reads in this cohort must not learn yet."""
        if not withholds_details(self.request.user, self.cohort):
            return data
        for row in data if isinstance(data, list) else [data]:
            hidden = {"step": "", "message": WITHHELD, "log": "", "inputs": {}, "parameters": {}, "result": {}}
            row.update({name: value for name, value in hidden.items() if name in row})
        return data

    def job(self, job_id: UUID) -> Job:
        job = self.jobs().filter(pk=job_id).first()
        if job is None:
            raise NotFound("There is no such job in this cohort.")
        return job


class JobListView(JobView, generics.ListAPIView):
    """The cohort's jobs, newest first."""

    serializer_class = JobSerializer
    filterset_class = JobFilter
    queryset = Job.objects.none()

    def get_queryset(self) -> QuerySet[Job]:
        return self.jobs().defer("log", "inputs", "result")

    @extend_schema(operation_id="jobs_start", request=StartJobSerializer, responses={201: JobDetailSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Starts work; 409 with a sentence where what it stands on is not there yet."""
        asked = StartJobSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        job = start_job(cohort=self.cohort, actor=request.user, **asked.validated_data)
        return Response(self.shown(dict(JobDetailSerializer(job).data)), status=status.HTTP_201_CREATED)

    def list(self, request: Request, *args: object, **kwargs: object) -> Response:
        response = super().list(request, *args, **kwargs)
        response.data["results"] = self.shown(response.data["results"])
        return response


class JobDetailView(JobView, APIView):
    """One job with its log, parameters and inputs."""

    @extend_schema(operation_id="jobs_retrieve", responses=JobDetailSerializer)
    def get(self, request: Request, slug: str, job_id: UUID) -> Response:
        return Response(self.shown(dict(JobDetailSerializer(self.job(job_id)).data)))


class JobCancelView(JobView, APIView):
    """Stops a job."""

    @extend_schema(request=None, responses=JobDetailSerializer)
    def post(self, request: Request, slug: str, job_id: UUID) -> Response:
        job = cancel_job(job=self.job(job_id), actor=request.user)
        return Response(self.shown(dict(JobDetailSerializer(job).data)))


class JobRetryView(JobView, APIView):
    """Queues a failed or cancelled job again."""

    @extend_schema(request=None, responses=JobDetailSerializer)
    def post(self, request: Request, slug: str, job_id: UUID) -> Response:
        job = retry_job(job=self.job(job_id), actor=request.user)
        return Response(self.shown(dict(JobDetailSerializer(job).data)))
