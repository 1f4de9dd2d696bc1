"""Forms about accounts."""

from django import forms

from backend.accounts.models import User


class ProfileForm(forms.ModelForm):
    """What a person may change about themselves."""

    class Meta:
        model = User
        fields = ["display_name", "email"]
        labels = {"display_name": "Name", "email": "E-mail"}
        help_texts = {"display_name": "What colleagues read beside your work."}


class NewUserForm(forms.Form):
    """A new account; the password is set by its owner."""

    username = forms.SlugField(
        label="User name", max_length=150, help_text="Letters, digits, hyphen and underscore; used to sign in."
    )
    display_name = forms.CharField(label="Name", max_length=120, required=False)
    email = forms.EmailField(label="E-mail", required=False)
    is_superuser = forms.BooleanField(
        label="Administrator",
        required=False,
        help_text="Manages accounts and reads the audit trail; sees no patient by it.",
    )
