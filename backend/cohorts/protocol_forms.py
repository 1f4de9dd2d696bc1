"""The form that makes a new protocol version; its fields follow protocol_fields.RULES."""

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.core.validators import MaxValueValidator, MinValueValidator

from backend.cohorts.protocol import ProtocolRules
from backend.cohorts.protocol_fields import RULES, RuleField


class ProtocolForm(forms.Form):
    """All rules, filled with the current ones, and the reason."""

    def __init__(self, *args: object, rules: ProtocolRules, **kwargs: object) -> None:
        values = rules.to_json()
        super().__init__(*args, initial=values, **kwargs)
        for rule in RULES:
            self.fields[rule.name] = _control(rule, values[rule.name])
        self.fields["reason"] = forms.CharField(label="Reason for the change", max_length=500)

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields as the page lays them out."""
        names = dict.fromkeys(rule.group for rule in RULES)
        return [(name, [self[rule.name] for rule in RULES if rule.group == name]) for name in names]

    def clean(self) -> dict:
        values = super().clean()
        lowest, highest = values.get("bat_hu_minimum"), values.get("bat_hu_maximum")
        if lowest is not None and highest is not None and lowest >= highest:
            self.add_error("bat_hu_maximum", "This must lie above the lower limit.")
        sigmas = values.get("log_sigmas_mm") or []
        if len(set(sigmas)) != len(sigmas):
            self.add_error("log_sigmas_mm", "Each sigma may occur once.")
        return values

    def rules(self) -> ProtocolRules:
        """The rules that were entered."""
        return ProtocolRules.from_json({rule.name: self.cleaned_data[rule.name] for rule in RULES})


def _control(rule: RuleField, value: object) -> forms.Field:
    """A control that fits the type of the current value."""
    label = rule.title_with_unit
    if isinstance(value, list) and rule.choices:
        widget = forms.CheckboxSelectMultiple
        return forms.MultipleChoiceField(label=label, choices=rule.choices, widget=widget)
    if isinstance(value, list):
        limits = [MinValueValidator(rule.minimum), MaxValueValidator(rule.maximum)]
        return SimpleArrayField(
            forms.FloatField(validators=limits), label=label, min_length=1, max_length=6, help_text="With commas."
        )
    if rule.choices:
        return forms.ChoiceField(label=label, choices=rule.choices)
    if rule.is_whole:
        return forms.IntegerField(label=label, min_value=rule.minimum, max_value=rule.maximum)
    widget = forms.NumberInput(attrs={"step": "any"})
    return forms.FloatField(label=label, min_value=rule.minimum, max_value=rule.maximum, widget=widget)
