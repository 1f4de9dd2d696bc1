"""Filters of the lists of deliveries, of their files, and of series."""

import django_filters
from django.db.models import QuerySet

from backend.core.filters import SearchFilter, SelectFilter
from backend.imaging.acquisition import OUTSIDE_OF_PAPER
from backend.imaging.models import ImagingStudy, ImportedFile, Series, Upload
from backend.imaging.selectors import UPLOAD_STATES

MODALITIES = [("CT", "CT"), ("PT", "PET"), ("MR", "MR")]


class UploadFilter(django_filters.FilterSet):
    search = SearchFilter("uploaded_by__username", "uploaded_by__first_name", "uploaded_by__last_name", label="Person")
    state = SelectFilter(label="State", choices=list(UPLOAD_STATES.items()))
    source = SelectFilter(label="Sent by", choices=Upload._meta.get_field("source").choices)

    class Meta:
        model = Upload
        fields = ["search", "state", "source"]


class ImportedFileFilter(django_filters.FilterSet):
    search = SearchFilter("reason", label="Reason", placeholder="A word of the reason")
    outcome = SelectFilter(label="Outcome", choices=ImportedFile.Outcome.choices)

    class Meta:
        model = ImportedFile
        fields = ["search", "outcome"]


class SeriesFilter(django_filters.FilterSet):
    search = SearchFilter(
        "study__patient__pseudonym", "manufacturer", "model_name", placeholder="Patient, manufacturer or scanner"
    )
    modality = SelectFilter(label="Modality", choices=MODALITIES)
    acquisition = SelectFilter(
        label="Acquisition",
        method="by_acquisition",
        choices=[("outside", "Outside of the paper's"), ("inside", "Within the paper's")],
    )
    findings = SelectFilter(
        label="Findings", method="by_findings", choices=[("with", "With findings"), ("without", "Without findings")]
    )

    class Meta:
        model = Series
        fields = ["search", "modality", "acquisition", "findings"]

    def by_acquisition(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        outside = rows.filter(OUTSIDE_OF_PAPER).values("pk")
        return rows.filter(pk__in=outside) if value == "outside" else rows.exclude(pk__in=outside)

    def by_findings(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(finding_count__gt=0) if value == "with" else rows.filter(finding_count=0)


class StudyFilter(django_filters.FilterSet):
    search = SearchFilter("patient__pseudonym", placeholder="Patient")

    class Meta:
        model = ImagingStudy
        fields = ["search"]
