"""The cohort board: every patient, how complete they are, and what to do next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from backend.annotations.blinding import blinded_patient_ids
from backend.cohorts.access import cohort_view
from backend.cohorts.models import PatientState, Role
from backend.cohorts.services import current_rules
from backend.core.lists import list_context
from backend.dashboards.board_filters import BoardFilter, ReaderBoardFilter
from backend.dashboards.next_step import next_step
from backend.dashboards.selectors.board import (
    SOURCE_COUNT,
    board_patients,
    board_rows,
    missing_counts,
    patients_to_read,
    reader_rows,
    state_counts,
)
from backend.dashboards.selectors.patient import SEE_ALL_READS
from backend.dashboards.withholding import unread_p53


@cohort_view()
def board(request: HttpRequest) -> HttpResponse:
    """Readers who are nothing else see their own cases only, without anything clinical."""
    if not request.roles - {Role.READER}:
        return _reader_board(request)
    blinded = blinded_patient_ids(request.user, request.cohort)
    patients = board_patients(request.cohort)
    context = list_context(request, BoardFilter(request.GET, patients, blinded=blinded))
    counts = state_counts(request.cohort)
    in_study = patients.exclude(enrolment__state__in=[PatientState.EXCLUDED, PatientState.WITHDRAWN])
    lacking = missing_counts(in_study.exclude(pk__in=blinded))
    total = sum(counts.values())
    unread = unread_p53(request.user, request.cohort, request.roles)
    context |= {
        "rows": board_rows(context["page"], rules=current_rules(request.cohort), blinded=blinded, unread_p53=unread),
        "counts": [(state, label, counts.get(state, 0)) for state, label in PatientState.choices],
        "total": total,
        "source_count": SOURCE_COUNT,
        # A pathologist learns the others' p53 calls once the own read is signed, on the patient's page.
        "shows_labels": bool(request.roles & SEE_ALL_READS),
        "next_step": next_step(request.cohort, request.roles, lacking, patient_count=total),
    }
    return render(request, "dashboards/board.html", context)


def _reader_board(request: HttpRequest) -> HttpResponse:
    patients = patients_to_read(request.cohort, request.user)
    context = list_context(request, ReaderBoardFilter(request.GET, patients))
    context["rows"] = reader_rows(context["page"], request.user)
    context["next_step"] = next_step(request.cohort, request.roles, {}, patient_count=len(context["rows"]))
    return render(request, "dashboards/reader_board.html", context)
