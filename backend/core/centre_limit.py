"""What a member who is limited to one centre can see: while the limit is on, other centres' rows do not exist.

The limit is set where membership is checked (cohorts/access.py) and taken off when the request ends. Models that belong
to a patient have a manager that obeys it, so that no list, page, file, stream or export has to remember it; a job of a
worker has no limit. See docs/design/050-centres-and-withdrawal.md.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any
from uuid import UUID

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

CENTRE = "cohorts.centre"
# A membership names the centre that it is limited to; the row itself belongs to the cohort.
NOT_OF_ONE_CENTRE = frozenset({"cohorts.cohort", "cohorts.membership", "accounts.user"})

_limit: ContextVar[UUID | None] = ContextVar("petra_centre_limit", default=None)


def centre_limit() -> UUID | None:
    """The centre that the present request is limited to; None where there is no limit."""
    return _limit.get()


def set_centre_limit(centre_id: UUID | None) -> None:
    """For the rest of the request; ``CentreLimitMiddleware`` takes it off."""
    _limit.set(centre_id)


@contextmanager
def limited_to(centre_id: UUID | None) -> Iterator[None]:
    """For what runs outside of a request's own course, such as each reading of an event stream."""
    token = _limit.set(centre_id)
    try:
        yield
    finally:
        _limit.reset(token)


@cache
def centre_path(model: type[models.Model]) -> str:
    """The way from a model to its centre in the words of a query; empty where a row belongs to no one centre.

    The shortest by foreign keys that are never empty: those say whose a row is. Found and not written down, so that a
    model that is added later obeys the limit too.
    """
    ways: list[tuple[type[models.Model], str]] = [(model, "")]
    seen = {model}
    for here, way in ways:
        for field in here._meta.concrete_fields:
            if not field.is_relation:
                continue
            target = field.related_model
            if target._meta.label_lower == CENTRE:
                return f"{way}{field.name}"
            if not field.null and target not in seen and target._meta.label_lower not in NOT_OF_ONE_CENTRE:
                seen.add(target)
                ways.append((target, f"{way}{field.name}__"))
    return ""


def within_limit(rows: QuerySet) -> QuerySet:
    """The rows that are within the present limit.

    By a subquery and not by a join: a row that is locked for a change must not lock its patient with it.
    """
    centre_id, path = _limit.get(), centre_path(rows.model)
    if centre_id is None or not path:
        return rows
    return rows.filter(pk__in=rows.model._base_manager.filter(**{path: centre_id}).values("pk"))


class LimitedManager(models.Manager):
    """The default manager of every model that can belong to a patient or a delivery."""

    def get_queryset(self) -> QuerySet:
        return within_limit(super().get_queryset())


class CentreLimitMiddleware:
    """Every request begins and ends without a limit: one of the last request must not meet the next one's person."""

    async_capable = True
    sync_capable = True

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if iscoroutinefunction(self):
            return self._answer(request)
        with limited_to(None):
            return _keeping_limit(self.get_response(request))

    async def _answer(self, request: HttpRequest) -> HttpResponse:
        with limited_to(None):
            return _keeping_limit(await self.get_response(request))


def _keeping_limit(response: Any) -> Any:
    """What is streamed is read after the request: every piece of it under the request's limit."""
    centre_id = _limit.get()
    if centre_id and getattr(response, "streaming", False) and not response.is_async:
        response.streaming_content = _pieces(response.streaming_content, centre_id)
    return response


def _pieces(content: Iterator[bytes], centre_id: UUID) -> Iterator[bytes]:
    while True:
        with limited_to(centre_id):
            piece = next(content, None)
        if piece is None:
            return
        yield piece
