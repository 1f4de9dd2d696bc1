"""Forms of the pathology pages."""

from django import forms

from backend.pathology.models import IhcRead, P53Pattern, SlidePhotograph


class IhcReadForm(forms.ModelForm):
    """One p53 read; signing it is final, a correction is a new read."""

    percent_stained = forms.FloatField(
        label="Stained tumour nuclei (%)", min_value=0, max_value=100, widget=forms.NumberInput(attrs={"step": "any"})
    )
    internal_control_present = forms.NullBooleanField(
        label="Internal control stains",
        required=False,
        help_text="Normal cells of the same slide. Needed for a null pattern.",
        widget=forms.Select(choices=[("", "Not looked at"), ("true", "Yes"), ("false", "No")]),
    )

    class Meta:
        model = IhcRead
        fields = ["percent_stained", "intensity", "pattern", "internal_control_present", "comment"]
        labels = {"intensity": "Intensity", "pattern": "Pattern", "comment": "Comment"}
        widgets = {"comment": forms.Textarea(attrs={"rows": 2})}
        help_texts = {"comment": "No names, numbers or dates that identify the patient."}

    def clean(self) -> dict:
        values = super().clean()
        if values.get("pattern") == P53Pattern.NULL and values.get("internal_control_present") is not True:
            self.add_error(
                "internal_control_present",
                "A null pattern needs a positive internal control: without one the stain may simply have failed.",
            )
        return values


class PhotographForm(forms.Form):
    """A photograph to keep."""

    stain = forms.ChoiceField(label="Stain", choices=SlidePhotograph.Stain.choices)
    file = forms.FileField(
        label="Photograph (JPEG, PNG or TIFF)",
        help_text="Crop the label of the slide away. Camera data are removed.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/tiff"}),
    )
