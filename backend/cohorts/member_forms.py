"""Forms about cohorts and the people in them."""

from django import forms

from backend.cohorts.models import Role


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
