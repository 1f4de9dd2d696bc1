"""Pages about accounts; signing in and out are allauth's, below /accounts/."""

from django.urls import path

from backend.accounts.views import people, profile

app_name = "accounts"
urlpatterns = [
    path("profile/", profile.profile, name="profile"),
    path("profile/token/", profile.token_create, name="token_create"),
    path("profile/token/revoke/", profile.token_revoke, name="token_revoke"),
    path("people/", people.user_list, name="user_list"),
    path("people/new/", people.user_create, name="user_create"),
    path("people/<int:user_id>/reset-password/", people.user_reset_password, name="user_reset_password"),
    path("people/<int:user_id>/active/", people.user_set_active, name="user_set_active"),
]
