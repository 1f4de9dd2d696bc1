"""The cells of the board: what each says, and the page on which the next thing is done by who may do it."""

from dataclasses import dataclass

from django.urls import reverse

from backend.annotations.models import Target
from backend.cohorts.models import Cohort, Role
from backend.dashboards.selectors.board import SOURCE_COUNT, BoardRow

OVERSEES = frozenset({Role.COORDINATOR, Role.ADJUDICATOR, Role.ANALYST})
_PSEUDONYM, _CASE = "PSEUDONYM", "00000000-0000-0000-0000-000000000000"
# What a place in the reading scheme says, with its look.
_READINGS = {"submitted": ("done", "in"), "open": ("open", "started"), "waiting": ("queued", "given"), "": ("", "give")}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """``look`` is a word of ``state_class`` or empty for plain text; without ``url`` there is nothing to do for one."""

    text: str
    look: str = ""
    url: str = ""
    title: str = ""

    @property
    def is_step(self) -> bool:
        """Whether the cell offers to do what is missing."""
        return bool(self.url) and self.text in _STEPS


_STEPS = frozenset({"enter", "read", "import", "give", "build", "propose", "extract"})
NOTHING = Cell(text="–")


class Addresses:
    """The pages that a person with these roles may open, found once for all rows of a page."""

    def __init__(self, cohort: Cohort, roles: frozenset[str]) -> None:
        self.roles = roles
        slug = {"slug": cohort.slug}
        patient = {**slug, "pseudonym": _PSEUDONYM}
        self._patient = reverse("dashboards:patient", kwargs=patient)
        enters = roles & {Role.COORDINATOR, Role.PATHOLOGIST}
        self._clinical = reverse("dashboards:clinical_edit", kwargs=patient) if enters else ""
        self._pathology = reverse("pathology:patient", kwargs=patient) if Role.PATHOLOGIST in roles else ""
        self._case = reverse("cases:detail", kwargs={**slug, "case_id": _CASE}) if roles & OVERSEES else ""
        self.imports = reverse("imaging:upload_list", kwargs=slug) if Role.COORDINATOR in roles else ""
        self._give = reverse("annotations:give", kwargs=slug) if Role.COORDINATOR in roles else ""

    def patient(self, row: BoardRow, part: str = "") -> str:
        return self._patient.replace(_PSEUDONYM, row.patient.pseudonym) + (f"#{part}" if part else "")

    def clinical(self, row: BoardRow) -> str:
        return self._clinical.replace(_PSEUDONYM, row.patient.pseudonym)

    def pathology(self, row: BoardRow) -> str:
        return self._pathology.replace(_PSEUDONYM, row.patient.pseudonym)

    def case(self, row: BoardRow, part: str = "") -> str:
        if not self._case or row.case_id is None:
            return ""
        return self._case.replace(_CASE, str(row.case_id)) + (f"#{part}" if part else "")

    def give(self, row: BoardRow) -> str:
        return f"{self._give}?search={row.patient.pseudonym}" if self._give and row.case_id else ""


def clinical_cell(row: BoardRow, where: Addresses) -> Cell:
    if row.clinical is None:
        url = where.clinical(row)
        return Cell(text="enter" if url else "missing", url=url)
    text = row.clinical.get_cancer_type_display() or "cancer type unknown"
    if row.clinical.figo_stage:
        text = f"{text}, FIGO {row.clinical.figo_stage}"
    return Cell(text=text, url=where.patient(row, "clinical"))


def p53_cell(row: BoardRow, where: Addresses, *, shows_labels: bool) -> Cell:
    """Others' calls wait for a pathologist's own read, wherever they would show."""
    if row.label is None:
        url = where.pathology(row)
        return Cell(text="read" if url else "hidden" if row.is_p53_hidden else "missing", url=url)
    if not shows_labels:
        return Cell(text="read", look="done", url=where.patient(row, "p53"))
    text = f"{'mutated' if row.label.mutated else 'wild-type'} {row.label.percent_stained:g} %"
    if row.label.is_discordant:
        return Cell(text=text, look="warning", url=where.patient(row, "p53"), title="Rule, pattern or readers disagree")
    return Cell(text=text, url=where.patient(row, "p53"))


def image_cell(row: BoardRow, where: Addresses, count: int) -> Cell:
    if count:
        return Cell(text=str(count), url=where.patient(row, "imaging"))
    return Cell(text="import" if where.imports else "missing", url=where.imports)


def reading_cell(row: BoardRow, where: Addresses, place: int) -> Cell:
    """``place`` counts from 0; more readers than the protocol asks for are in the last place's title."""
    if row.case_id is None or place >= len(row.readings):
        return NOTHING
    state = row.readings[place]
    look, text = _READINGS[state]
    if not state:
        url = where.give(row)
        return Cell(text=text if url else "missing", url=url, title=f"Nobody reads in place {place + 1}")
    return Cell(text=text, look=look, url=where.case(row, "readings"))


def consensus_cell(row: BoardRow, where: Addresses) -> Cell:
    if "consensus" in row.working:
        return Cell(text="building", look="running", url=where.case(row))
    if row.consensus:
        look = "signed" if row.consensus.is_signed else "unsigned"
        return Cell(text=row.consensus.get_outcome_display(), look=look, url=where.case(row), title=look)
    if not row.readings_done:
        return NOTHING
    url = where.case(row)
    return Cell(text="build" if url else "missing", url=url)


def brown_fat_cell(row: BoardRow, where: Addresses) -> Cell:
    if "bat" in row.working:
        return Cell(text="looking", look="running", url=where.case(row))
    if row.bat and row.bat.is_signed:
        return Cell(text="signed", look="signed", url=where.case(row, Target.BAT))
    if row.bat:
        return Cell(text="unsigned", look="unsigned", url=where.case(row, Target.BAT))
    if row.bat_proposed:
        return Cell(text="unsigned rule", look="unsigned", url=where.case(row, Target.BAT))
    if row.case_id is None:
        return NOTHING
    url = where.case(row, Target.BAT)
    return Cell(text="propose" if url else "missing", url=url)


def features_cell(row: BoardRow, where: Addresses) -> Cell:
    if "features" in row.working:
        return Cell(text="extracting", look="running", url=where.case(row))
    if row.features_done or row.features_refused:
        text = f"{row.features_done}/{SOURCE_COUNT}"
        if row.features_refused:
            return Cell(
                text=text, look="refused", url=where.patient(row, "features"), title=f"{row.features_refused} refused"
            )
        return Cell(text=text, url=where.patient(row, "features"))
    if not row.consensus:
        return NOTHING
    url = where.case(row)
    return Cell(text="extract" if url else "missing", url=url)


def cells_of(
    row: BoardRow, shown: frozenset[str], where: Addresses, *, places: int, shows_labels: bool
) -> list[tuple[str, Cell]]:
    """The cells of the columns that are shown, in their order, each with its column's key."""
    cells = {
        "clinical": clinical_cell(row, where),
        "p53": p53_cell(row, where, shows_labels=shows_labels),
        "ct": image_cell(row, where, row.ct_count),
        "pet": image_cell(row, where, row.pet_count),
        **{f"reading_{place + 1}": reading_cell(row, where, place) for place in range(places)},
        "consensus": consensus_cell(row, where),
        "brown_fat": brown_fat_cell(row, where),
        "features": features_cell(row, where),
    }
    return [(key, cell) for key, cell in cells.items() if key in shown]
