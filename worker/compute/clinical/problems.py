"""What is wrong with a table: a cell by row and column, and what would be accepted there."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from worker.compute.errors import ComputeError

SHOWN_PROBLEMS = 20


@dataclass(frozen=True, kw_only=True)
class Problem:
    """``row`` as a spreadsheet counts it, ``letter`` and ``header`` of the column (empty: not in the table)."""

    row: int
    letter: str
    header: str
    field: str
    reason: str

    def __str__(self) -> str:
        column = self.field if self.header in ("", self.field) else f"{self.letter} “{self.header}” ({self.field})"
        return f"row {self.row}, column {column}: {self.reason}"

    def to_json(self) -> dict:
        return asdict(self)


class TableRefused(ComputeError):
    """Cells that cannot be accepted, each by row and column; ``problems`` has them all, the message the first ones."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        more = len(problems) - SHOWN_PROBLEMS
        shown = "; ".join(map(str, problems[:SHOWN_PROBLEMS])) + (f"; and {more} more" if more > 0 else "")
        super().__init__(f"Nothing was imported. Correct these cells and send the table again: {shown}.")
