"""What every answer must say about itself: the strict policy, no guessing of types, and no frame around it."""

from django.http import HttpResponseBase


def check_policy(response: HttpResponseBase, address: str) -> None:
    policy = response.headers.get("Content-Security-Policy", "")
    assert "default-src 'none'" in policy and "unsafe" not in policy, address
    assert response.headers["X-Content-Type-Options"] == "nosniff", address
    assert response.headers["X-Frame-Options"] == "DENY", address
