"""The columns of the board and of a reader's board; what a blinded person may not see is "hidden" in files too."""

from collections.abc import Callable
from functools import partial
from typing import Any

from backend.core.lists import Column, Listing
from backend.dashboards.selectors.board import SOURCE_COUNT, BoardRow

HIDDEN = "hidden"
# Of these a blinded person learns nothing.
HIDDEN_KEYS = ("clinical", "p53", "consensus", "brown_fat", "features")


def _unless_blinded(value: Callable[[BoardRow], Any]) -> Callable[[BoardRow], Any]:
    return lambda row: HIDDEN if row.is_blinded else value(row)


def _field(name: str) -> Callable[[BoardRow], Any]:
    return _unless_blinded(lambda row: getattr(row.clinical, name, None))


def _p53(row: BoardRow, *, shows_labels: bool) -> str:
    if row.is_p53_hidden:
        return HIDDEN
    if row.label is None:
        return ""
    return ("mutated" if row.label.mutated else "wild-type") if shows_labels else "read"


def _percent(row: BoardRow, *, shows_labels: bool) -> float | str | None:
    if row.is_p53_hidden:
        return HIDDEN
    return row.label.percent_stained if row.label and shows_labels else None


def _reading(row: BoardRow, place: int) -> str:
    return row.readings[place] if place < len(row.readings) else ""


def _consensus(row: BoardRow) -> str:
    if row.consensus is None:
        return ""
    return f"{row.consensus.get_outcome_display()}, {'signed' if row.consensus.is_signed else 'unsigned'}"


def _brown_fat(row: BoardRow) -> str:
    if row.bat:
        return "signed" if row.bat.is_signed else "unsigned"
    return "unsigned rule" if row.bat_proposed else ""


def board_listing(*, places: int, shows_labels: bool) -> Listing:
    """``places`` is the protocol's number of readers per case, each a column."""
    p53 = partial(_p53, shows_labels=shows_labels)
    return Listing(
        page="dashboards:board",
        columns=(
            Column(key="patient", title="Patient", value=lambda row: row.patient.pseudonym, is_fixed=True),
            Column(key="centre", title="Centre", value=lambda row: str(row.patient.centre or ""), is_extra=True),
            Column(key="state", title="State", value=lambda row: row.patient.enrolment.get_state_display()),
            Column(key="clinical", title="Clinical", value=_field("cancer_type")),
            Column(key="age_years", title="Age", value=_field("age_years"), in_files_only=True),
            Column(key="figo_stage", title="FIGO stage", value=_field("figo_stage"), in_files_only=True),
            Column(key="p53", title="TP53", value=_unless_blinded(p53)),
            Column(
                key="p53_percent_stained",
                title="p53 stained",
                value=_unless_blinded(partial(_percent, shows_labels=shows_labels)),
                in_files_only=True,
            ),
            Column(key="ct", title="CT", value=lambda row: row.ct_count),
            Column(key="pet", title="PET", value=lambda row: row.pet_count),
            *(
                Column(
                    key=f"reading_{place + 1}",
                    title=f"Reading {place + 1}",
                    value=_unless_blinded(partial(_reading, place=place)),
                )
                for place in range(places)
            ),
            Column(key="consensus", title="Consensus", value=_unless_blinded(_consensus)),
            Column(key="brown_fat", title="Brown fat", value=_unless_blinded(_brown_fat)),
            Column(
                key="features",
                title=f"Features of {SOURCE_COUNT}",
                value=_unless_blinded(lambda row: row.features_done),
            ),
        ),
    )


READER_BOARD = Listing(
    page="dashboards:board",
    # Under this address the others keep views of their own board, which are not for who only reads.
    has_views=False,
    columns=(
        Column(key="patient", title="Patient", value=lambda row: row.patient.pseudonym, is_fixed=True),
        Column(key="ct", title="CT", value=lambda row: row.ct_count),
        Column(key="pet", title="PET", value=lambda row: row.pet_count),
        Column(key="handed_in", title="Your readings", value=lambda row: row.handed_in),
        Column(key="assigned", title="Assigned", value=lambda row: row.assigned, in_files_only=True),
        Column(
            key="reading_state",
            title="State",
            value=lambda row: "handed in" if row.handed_in == row.assigned else "to read",
        ),
    ),
)
