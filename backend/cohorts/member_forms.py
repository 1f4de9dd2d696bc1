"""Forms about cohorts and the people in them."""

from django import forms

from backend.cohorts.models import Centre, Cohort, Role


class CohortForm(forms.Form):
    """A new cohort."""

    name = forms.CharField(label="Name", max_length=120)
    slug = forms.SlugField(
        label="Address", max_length=60, help_text="Short name in the address bar: small letters, digits and hyphens."
    )
    description = forms.CharField(
        label="Description", required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="What the study asks."
    )


class MemberForm(forms.Form):
    """One role for one person."""

    username = forms.CharField(label="User name", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label="Role", choices=Role.choices)
    centre = forms.ModelChoiceField(
        label="Limited to centre", queryset=Centre.objects.none(), required=False, empty_label="Every centre"
    )

    def __init__(self, *args: object, cohort: Cohort, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["centre"].queryset = Centre.objects.filter(cohort=cohort)


class LimitForm(forms.Form):
    """The one centre that a member sees, or every centre; and why."""

    centre = forms.ModelChoiceField(
        label="Sees the patients of", queryset=Centre.objects.none(), required=False, empty_label="Every centre"
    )
    reason = forms.CharField(label="Reason", max_length=500, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: object, cohort: Cohort, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["centre"].queryset = Centre.objects.filter(cohort=cohort)
