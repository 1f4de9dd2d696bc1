"""The columns of the pathologists' worklist; how others read is in no file either."""

from backend.core.lists import Column, Listing

WORKLIST = Listing(
    page="pathology:worklist",
    columns=(
        Column(key="patient", title="Patient", value=lambda row: row.pseudonym, is_fixed=True),
        Column(key="centre", title="Centre", value=lambda row: str(row.centre or ""), is_extra=True),
        Column(key="state", title="State", value=lambda row: row.enrolment.get_state_display()),
        Column(key="read_by_me", title="p53, by you", value=lambda row: "signed" if row.read_by_me else "to read"),
        Column(key="read", title="p53, by anybody", value=lambda row: "read" if row.is_read else "not read"),
        Column(key="photographs", title="Photographs", value=lambda row: "yes" if row.has_photographs else ""),
    ),
)
