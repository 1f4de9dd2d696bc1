"""Giving cases to readers."""

from django import forms

from backend.accounts.models import User
from backend.annotations.models import Target
from backend.cohorts.models import Cohort, Role
from backend.imaging.models import Case

WAYS = [
    ("all", "Every case to every reader chosen"),
    ("balanced", "Each case to a number of readers, drawn at random, evenly"),
]


class AssignForm(forms.Form):
    """Without a chosen case all cases of the cohort are meant."""

    readers = forms.ModelMultipleChoiceField(
        queryset=User.objects.none(), widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"})
    )
    target = forms.ChoiceField(label="Task", choices=Target.choices)
    way = forms.ChoiceField(label="How", choices=WAYS)
    readers_per_case = forms.IntegerField(label="Readers per case", min_value=1, max_value=20)
    due_on = forms.DateField(
        label="Due on", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    cases = forms.ModelMultipleChoiceField(
        label="Cases (none chosen = all)",
        required=False,
        queryset=Case.objects.none(),
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )

    def __init__(self, *args: object, cohort: Cohort, readers_per_case: int, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(memberships__cohort=cohort, memberships__role=Role.READER, is_active=True)
        self.fields["readers"].queryset = people.order_by("username")
        self.fields["readers"].label_from_instance = lambda reader: reader.shown_name
        cases = Case.objects.filter(patient__cohort=cohort).select_related("patient")
        self.fields["cases"].queryset = cases.order_by("patient__pseudonym")
        self.fields["cases"].label_from_instance = lambda case: case.patient.pseudonym
        self.fields["readers_per_case"].initial = readers_per_case
        for name, field in self.fields.items():
            if name != "readers":
                field.widget.attrs["class"] = (
                    "form-select" if isinstance(field.widget, forms.Select) else "form-control"
                )
