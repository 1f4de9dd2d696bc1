"""Forms about a patient: clinical values, eligibility, the upload of a table."""

from django import forms

from backend.cohorts.clinical_fields import FIELDS
from backend.cohorts.clinical_rules import contradictions
from backend.cohorts.eligibility_log import OVERRIDE_STATES
from backend.cohorts.figo import ALL_STAGES
from backend.cohorts.models import ClinicalRecord

UNKNOWN_YES_NO = [("", "Not known"), ("true", "Yes"), ("false", "No")]


class ClinicalForm(forms.ModelForm):
    """All values of a record; saving makes a new record with the reason."""

    based_on = forms.CharField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Reason for the change", max_length=500, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    class Meta:
        model = ClinicalRecord
        fields = [field.name for field in FIELDS]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for field in FIELDS:
            control = self.fields[field.name]
            control.label = field.title_with_unit
            if isinstance(control, forms.NullBooleanField):
                control.widget = forms.Select(choices=UNKNOWN_YES_NO)
                self.initial[field.name] = {True: "true", False: "false"}.get(self.initial.get(field.name), "")
            if isinstance(control, forms.FloatField):
                control.widget.attrs["step"] = "any"
            if isinstance(control, forms.DateField):
                control.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        self.fields["figo_stage"].widget.attrs["list"] = "figo-stages"
        self.order_fields([*(field.name for field in FIELDS), "reason", "based_on"])

    def clean(self) -> dict:
        """Each contradiction at the value where it shows."""
        cleaned = super().clean() or {}
        for name, sentence in contradictions(cleaned):
            self.add_error(name, sentence[0].upper() + sentence[1:] + ".")
        return cleaned

    @property
    def figo_stages(self) -> tuple[str, ...]:
        return ALL_STAGES

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields as the page lays them out."""
        names = dict.fromkeys(field.group for field in FIELDS)
        return [(name, [self[field.name] for field in FIELDS if field.group == name]) for name in names]

    def values(self) -> dict:
        """The clinical values alone."""
        return {field.name: self.cleaned_data[field.name] for field in FIELDS}


class OverrideForm(forms.Form):
    """A coordinator's word over the criteria."""

    state = forms.ChoiceField(
        label="Set to",
        choices=[(state.value, state.label) for state in OVERRIDE_STATES],
    )
    reason = forms.CharField(label="Reason", max_length=500, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class ClinicalImportForm(forms.Form):
    """A clinical table, and the remembered mapping that it may come with."""

    file = forms.FileField(
        label="Table (CSV or XLSX)",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,text/csv"}),
    )


class ImportReasonForm(forms.Form):
    """Why the values of a table are recorded; it stays with every value that changes."""

    reason = forms.CharField(
        label="Reason, kept with every value", max_length=500, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
