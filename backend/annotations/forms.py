"""Giving cases to readers, and taking them back."""

import re
from collections.abc import Iterable
from uuid import UUID

from django import forms
from django.utils import timezone

from backend.accounts.models import User
from backend.annotations.models import Target
from backend.annotations.services.planning import LARGEST_SEED
from backend.cohorts.models import Cohort, Role
from backend.core.errors import InvalidInput

WAYS = [
    ("all", "Every chosen case to every chosen reader"),
    ("balanced", "Each case to a number of readers, drawn at random, evenly"),
    ("hand", "By hand: tick who reads which case"),
]
_SEPARATORS = re.compile(r"[\s,]+")


class GiveForm(forms.Form):
    """To whom and how; the cases are chosen in the table beside it."""

    readers = forms.ModelMultipleChoiceField(
        queryset=User.objects.none(), widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"})
    )
    target = forms.ChoiceField(label="Task", choices=Target.choices)
    way = forms.ChoiceField(label="How", choices=WAYS, initial="balanced")
    readers_per_case = forms.IntegerField(label="Readers per case, where drawn", min_value=1, max_value=20)
    due_on = forms.DateField(
        label="Due on", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    seed = forms.IntegerField(
        label="Seed of the draw (empty = a new one)", required=False, min_value=1, max_value=LARGEST_SEED
    )

    def __init__(self, *args: object, cohort: Cohort, readers_per_case: int, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(memberships__cohort=cohort, memberships__role=Role.READER, is_active=True)
        self.fields["readers"].queryset = people.order_by("username")
        self.fields["readers"].label_from_instance = lambda reader: reader.shown_name
        self.fields["readers_per_case"].initial = readers_per_case
        for name, field in self.fields.items():
            if name != "readers":
                is_choice = isinstance(field.widget, forms.Select)
                field.widget.attrs["class"] = "form-select" if is_choice else "form-control"

    def clean_due_on(self):
        due_on = self.cleaned_data["due_on"]
        if due_on and due_on < timezone.localdate():
            raise forms.ValidationError("This day is past.")
        return due_on


def identifiers(values: Iterable[str]) -> list[UUID]:
    """Identifiers from form fields, one or several (with commas) in each. Raises InvalidInput."""
    words = [word for value in values for word in _SEPARATORS.split(value) if word]
    try:
        return list(dict.fromkeys(UUID(word) for word in words))
    except ValueError as error:
        raise InvalidInput(
            "The form holds something that is not an identifier of PETRA: load the page again."
        ) from error


def ticked_pairs(values: Iterable[str]) -> set[tuple[UUID, int]]:
    """(case, reader) from ``<case>:<reader>``, one or several (with commas) in each field. Raises InvalidInput."""
    words = [word for value in values for word in _SEPARATORS.split(value) if word]
    try:
        return {(UUID(case), int(reader)) for case, reader in (word.split(":") for word in words)}
    except ValueError as error:
        raise InvalidInput("The form holds a pair that PETRA did not write: load the page again.") from error
