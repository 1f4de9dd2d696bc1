"""The columns of the lists of series and of deliveries."""

from backend.core.lists import Column, Listing
from backend.imaging.models import Series, Upload


def _finding_sentences(series: Series) -> str:
    return " ".join(finding.sentence for finding in series.findings)


SERIES = Listing(
    page="imaging:series_list",
    columns=(
        Column(key="patient", title="Patient", value=lambda row: row.study.patient.pseudonym, is_fixed=True),
        Column(key="centre", title="Centre", value=lambda row: str(row.study.patient.centre or ""), is_extra=True),
        Column(key="study_date", title="Study date", value=lambda row: row.study.study_date),
        Column(key="modality", title="Modality", value=lambda row: row.modality),
        Column(key="manufacturer", title="Manufacturer", value=lambda row: row.manufacturer, in_files_only=True),
        Column(key="scanner", title="Scanner", value=lambda row: row.model_name or row.manufacturer),
        Column(key="slices", title="Slices", value=lambda row: row.instance_count),
        Column(key="thickness_mm", title="Thickness", value=lambda row: row.slice_thickness_mm),
        Column(key="tube_kvp", title="Tube", value=lambda row: row.kvp),
        Column(key="unit", title="Voxels", value=lambda row: row.volume.unit if hasattr(row, "volume") else ""),
        Column(key="dose_mbq", title="Dose", value=lambda row: row.dose_mbq),
        Column(key="activity_mbq_per_kg", title="Activity", value=lambda row: row.activity_mbq_per_kg),
        Column(key="uptake_min", title="Uptake", value=lambda row: row.uptake_minutes),
        Column(key="findings", title="Findings", value=_finding_sentences, in_files_only=True),
    ),
)


def _outcome(name: str):
    return lambda row: row.outcomes.get(name, 0)


def _sender(upload: Upload) -> str:
    return upload.uploaded_by.shown_name if upload.uploaded_by else "PETRA"


UPLOADS = Listing(
    page="imaging:upload_list",
    columns=(
        Column(key="delivered_at", title="Delivered", value=lambda row: row.created_at, is_fixed=True),
        Column(key="sent_by", title="Sent by", value=_sender),
        Column(key="source", title="Through", value=lambda row: row.get_source_display(), in_files_only=True),
        Column(key="centre", title="Centre", value=lambda row: str(row.centre or "")),
        Column(key="state", title="State", value=lambda row: row.state_title),
        Column(key="files", title="Files", value=lambda row: row.file_count),
        *(
            Column(key=name, title=name.replace("_", " ").capitalize(), value=_outcome(name))
            for name in ("stored", "already_there", "ignored", "refused")
        ),
    ),
)
