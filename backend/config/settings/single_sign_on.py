"""The hospital's single sign-on by OpenID Connect, from ``PETRA_OIDC_*`` in the environment.

``SERVER_URL``       the issuer, such as ``https://login.hospital.example/realms/staff``; empty = no single sign-on
``CLIENT_ID``        the client registered there; its redirect address is ``/accounts/oidc/hospital/login/callback/``
``CLIENT_SECRET``    its secret
``NAME``             what the button says after "Sign in with" (default: the hospital)
``CREATE_ACCOUNTS``  ``0`` makes no account for a person who signs in for the first time
"""

from collections.abc import Mapping
from urllib.parse import urlparse

PROVIDER_ID = "hospital"


def oidc_providers(environment: Mapping[str, str]) -> dict:
    """allauth's SOCIALACCOUNT_PROVIDERS; empty where no issuer is named."""
    server_url = environment.get("PETRA_OIDC_SERVER_URL", "")
    if not server_url:
        return {}
    app = {
        "provider_id": PROVIDER_ID,
        "name": environment.get("PETRA_OIDC_NAME") or "the hospital",
        "client_id": environment["PETRA_OIDC_CLIENT_ID"],
        "secret": environment["PETRA_OIDC_CLIENT_SECRET"],
        "settings": {"server_url": server_url, "token_auth_method": "client_secret_basic"},
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


def oidc_origins(environment: Mapping[str, str]) -> list[str]:
    """Where the sign-in form may be redirected to; browsers hold form-action against redirects too."""
    parts = urlparse(environment.get("PETRA_OIDC_SERVER_URL", ""))
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []
