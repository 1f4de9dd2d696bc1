"""Forms of the pathology pages."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from backend.pathology.models import IhcProposal, IhcRead, P53Pattern, SequencingResult, SlidePhotograph


class ProposalChoice(forms.ModelChoiceField):
    """Kept beside the read; the percentage is entered by the pathologist, never taken over."""

    def label_from_instance(self, proposal: IhcProposal) -> str:
        when = proposal.created_at.strftime("%Y-%m-%d %H:%M")
        return f"{proposal.percent_positive:.1f} % of {proposal.nuclei} nuclei, {when} UTC"


class IhcReadForm(forms.ModelForm):
    """One p53 read; signing it is final, a correction is a new read. ``proposals`` are the person's own counts."""

    def __init__(self, *args: Any, proposals: QuerySet[IhcProposal] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if proposals:
            self.fields["proposal"] = ProposalChoice(
                queryset=proposals, required=False, label="Count that you looked at", empty_label="None"
            )

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
    # Drawn on the page before sending (frontend/src/slides/blanking.ts): shares of the picture, as JSON.
    blanks = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput)
    crop = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)


class SequencingForm(forms.ModelForm):
    """A TP53 sequencing result, where it was done."""

    class Meta:
        model = SequencingResult
        fields = ["outcome", "variant", "method", "comment"]
        widgets = {"comment": forms.TextInput()}
