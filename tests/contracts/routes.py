"""Every address of the platform with the rule that its view declares."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from backend.core.access import AccessRule

# Sign-in, sign-out, passwords and second factors: allauth's own views, which have their own rules and tests.
FOREIGN_PREFIXES = ("accounts/",)


@dataclass(frozen=True, kw_only=True)
class Route:
    """One named address; ``keywords`` are the values that it needs."""

    name: str
    address: str
    keywords: tuple[str, ...]
    view: Any

    def rule(self, method: str = "GET") -> AccessRule | None:
        """The declared rule, for one HTTP method where the view has a rule per method."""
        owner = getattr(self.view, "cls", None) or getattr(self.view, "view_class", None) or self.view
        by_method = getattr(owner, "method_rules", {})
        return by_method.get(method) or getattr(self.view, "access_rule", None) or getattr(owner, "access_rule", None)


def own_routes() -> list[Route]:
    """All routes but allauth's."""
    return [route for route in _walk(get_resolver().url_patterns) if not route.address.startswith(FOREIGN_PREFIXES)]


def _walk(
    patterns: list, address: str = "", names: tuple[str, ...] = (), keywords: tuple[str, ...] = ()
) -> Iterator[Route]:
    for pattern in patterns:
        here = address + str(pattern.pattern)
        needed = (*keywords, *pattern.pattern.converters)
        if isinstance(pattern, URLResolver):
            inner = (*names, pattern.namespace) if pattern.namespace else names
            yield from _walk(pattern.url_patterns, here, inner, needed)
        elif isinstance(pattern, URLPattern):
            name = ":".join((*names, pattern.name)) if pattern.name else ""
            yield Route(name=name, address=here, keywords=needed, view=pattern.callback)
