"""Filters of the cases on the agreement page: rows of a finished comparison, not of the database."""

from django import forms

SHOWN = [
    ("", "All cases"),
    ("outcomes", "Readers differ on the outcome"),
    ("dice", "Mean Dice below 0.7"),
    ("undefined", "Without a Dice coefficient"),
]
# Zijdenbos et al., IEEE Trans Med Imaging 1994;13:716: above 0.7 overlap is called excellent.
GOOD_DICE = 0.7


class AgreementFilter(forms.Form):
    """By pseudonym, and by what the readers differ in."""

    search = forms.CharField(
        label="Search",
        required=False,
        widget=forms.TextInput(attrs={"class": "form-control", "placeholder": "Pseudonym", "type": "search"}),
    )
    show = forms.ChoiceField(
        label="Show", required=False, choices=SHOWN, widget=forms.Select(attrs={"class": "form-select"})
    )

    def matches(self, rows: list[dict]) -> list[dict]:
        """The rows that the filters leave, in the order they have."""
        values = self.cleaned_data if self.is_bound and self.is_valid() else {}
        wanted, show = values.get("search", "").strip().lower(), values.get("show", "")
        return [row for row in rows if wanted in row["pseudonym"].lower() and _is_shown(row, show)]


def _is_shown(row: dict, show: str) -> bool:
    if show == "outcomes":
        return row["outcomes_differ"]
    if show == "dice":
        return row["dice"] is not None and row["dice"] < GOOD_DICE
    return row["dice"] is None if show == "undefined" else True
