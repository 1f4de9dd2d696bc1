"""The cohort board: every patient, how complete they are, and what to do next."""

from collections.abc import Iterable
from functools import partial

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from backend.annotations.blinding import blinded_patient_ids
from backend.cohorts.access import cohort_view
from backend.cohorts.list_pages import cohort_list_context, exported
from backend.cohorts.models import Patient, PatientState, Role
from backend.cohorts.services import current_rules
from backend.dashboards.board_cells import Addresses, cells_of
from backend.dashboards.board_columns import READER_BOARD, board_listing
from backend.dashboards.board_filters import BoardFilter, ReaderBoardFilter
from backend.dashboards.bulk.actions import actions_for
from backend.dashboards.bulk.results import shown_result
from backend.dashboards.next_step import next_step
from backend.dashboards.selectors.board import (
    board_patients,
    board_rows,
    missing,
    patients_to_read,
    reader_rows,
    state_counts,
)
from backend.dashboards.selectors.patient import SEE_ALL_READS
from backend.dashboards.withholding import unread_p53


@cohort_view()
def board(request: HttpRequest) -> HttpResponseBase:
    """Readers who are nothing else see their own cases only, without anything clinical."""
    if not request.roles - {Role.READER}:
        return _reader_board(request)
    rules = current_rules(request.cohort)
    # A pathologist learns the others' p53 calls once the own read is signed, on the patient's page.
    shows_labels = bool(request.roles & SEE_ALL_READS)
    listing = board_listing(places=rules.readers_per_case, shows_labels=shows_labels)
    blinded = blinded_patient_ids(request.user, request.cohort)
    patients = board_patients(request.cohort)
    filterset = BoardFilter(request.GET, patients, cohort=request.cohort, rules=rules, blinded=blinded)
    unread = unread_p53(request.user, request.cohort, request.roles)
    make_rows = partial(board_rows, rules=rules, blinded=blinded, unread_p53=unread)
    if file := exported(request, listing, filterset.qs, name="patients", make_rows=make_rows):
        return file
    context = cohort_list_context(request, listing, filterset)
    where = Addresses(request.cohort, request.roles)
    cells = partial(cells_of, where=where, places=rules.readers_per_case, shows_labels=shows_labels)
    counts = state_counts(request.cohort)
    total = sum(counts.values())
    context |= {
        "rows": [(row, cells(row, context["shown"])) for row in make_rows(context["page"])],
        "cell_columns": [column for column in listing.choices if column.key not in ("centre", "state")],
        "counts": [(state, label, counts.get(state, 0)) for state, label in PatientState.choices],
        "total": total,
        "actions": actions_for(request.roles),
        "result": shown_result(request),
        "next_step": next_step(
            request.cohort, request.roles, partial(_lacking, patients, blinded), patient_count=total
        ),
    }
    return render(request, "dashboards/board.html", context)


def _lacking(patients: Iterable[Patient], blinded: frozenset, part: str) -> int:
    """How many patients in the study lack a part; nothing is counted of who is blinded for them."""
    in_study = patients.exclude(enrolment__state__in=[PatientState.EXCLUDED, PatientState.WITHDRAWN])
    return missing(in_study.exclude(pk__in=blinded), part).count()


def _reader_board(request: HttpRequest) -> HttpResponseBase:
    filterset = ReaderBoardFilter(request.GET, patients_to_read(request.cohort, request.user))
    make_rows = partial(reader_rows, reader=request.user)
    if file := exported(request, READER_BOARD, filterset.qs, name="own-cases", make_rows=make_rows):
        return file
    context = cohort_list_context(request, READER_BOARD, filterset)
    context["rows"] = make_rows(context["page"])
    context["next_step"] = next_step(request.cohort, request.roles, lambda part: 0, patient_count=len(context["rows"]))
    return render(request, "dashboards/reader_board.html", context)
