"""QIDO-RS search (PS3.18 §10.6): which rows of the database match the attributes that a client asks for."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from pydicom.datadict import keyword_for_tag

from backend.cohorts.models import Cohort
from backend.core.errors import InvalidInput
from backend.imaging.models import ImagingStudy, Instance, Series
from backend.imaging.selectors import IMAGE_MODALITIES

Matcher = Callable[[str, str], Q]
# What steers the answer and is no attribute; answers hold every attribute that is known, so includefield adds none.
STEERING = frozenset({"limit", "offset", "includefield", "fuzzymatching"})
# An answer is one page of at most this many rows; a client asks for the next with offset.
PAGE_LIMIT = 5000


def image_series(cohort: Cohort) -> QuerySet[Series]:
    """The cohort's images. Regions that came with them are readings and are never served here (blinding)."""
    return Series.objects.filter(study__patient__cohort=cohort, modality__in=IMAGE_MODALITIES)


def studies(cohort: Cohort) -> QuerySet[ImagingStudy]:
    """Studies with an image, annotated with ``modalities``, ``series_count`` and ``instance_count``."""
    images = Q(series__modality__in=IMAGE_MODALITIES)
    return (
        ImagingStudy.objects.filter(pk__in=image_series(cohort).values("study"))
        .select_related("patient")
        .annotate(
            modalities=ArrayAgg("series__modality", filter=images, distinct=True, default=[]),
            series_count=Count("series", filter=images, distinct=True),
            instance_count=Count("series__instances", filter=images, distinct=True),
        )
        .order_by("patient__pseudonym", "study_date", "pk")
    )


def series(cohort: Cohort) -> QuerySet[Series]:
    """Image series, annotated with ``instance_count``."""
    return (
        image_series(cohort)
        .select_related("study__patient")
        .annotate(instance_count=Count("instances"))
        .order_by("study__patient__pseudonym", "modality", "series_number", "pk")
    )


def instances(cohort: Cohort) -> QuerySet[Instance]:
    """Instances of image series, in the order in which they were stored."""
    return (
        Instance.objects.filter(series__in=image_series(cohort)).select_related("series__study__patient").order_by("pk")
    )


def matching(rows: QuerySet, level: str, asked: QueryDict) -> QuerySet:
    """``rows`` of a level (study, series, instance) that match; InvalidInput names what cannot be searched by."""
    known = MATCHERS[level]
    for name, value in asked.items():
        if name in STEERING or value == "":
            continue
        keyword = keyword_for_tag(name) if re.fullmatch(r"[0-9a-fA-F]{8}", name) else name
        if keyword not in known:
            raise InvalidInput(f"Nothing can be searched by {name[:64]} here: use {', '.join(sorted(known))}.")
        path, matcher = known[keyword]
        rows = rows.filter(matcher(path, value))
    return rows


def page_of(asked: QueryDict) -> tuple[int, int]:
    """``offset`` and ``limit`` of a request."""
    return _whole(asked, "offset", 0), min(_whole(asked, "limit", PAGE_LIMIT), PAGE_LIMIT)


def _whole(asked: QueryDict, name: str, default: int) -> int:
    text = asked.get(name, "") or str(default)
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise InvalidInput(f"{name} is a whole number that is not negative.")
    return int(text)


def _one_of(path: str, value: str) -> Q:
    """A list of UIDs or codes, by comma or backslash (PS3.18 §8.3.4.1)."""
    return Q(**{f"{path}__in": re.split(r"[,\\]", value)})


def _text(path: str, value: str) -> Q:
    """``*`` and ``?`` stand for any characters and any one (PS3.4 C.2.2.2.4)."""
    if not set(value) & {"*", "?"}:
        return Q(**{path: value})
    pattern = re.escape(value[:64]).replace(r"\*", ".*").replace(r"\?", ".")
    return Q(**{f"{path}__regex": f"^{pattern}$"})


def _number(path: str, value: str) -> Q:
    if not re.fullmatch(r"-?\d{1,9}", value, re.ASCII):
        raise InvalidInput("A series number is a whole number.")
    return Q(**{path: int(value)})


def _dates(path: str, value: str) -> Q:
    """``20200131``, or a range with ``-`` that may be open at one end (PS3.4 C.2.2.2.5)."""
    first, dash, last = value.partition("-")
    if not dash:
        return Q(**{path: _date(first)})
    found = Q()
    if first:
        found &= Q(**{f"{path}__gte": _date(first)})
    if last:
        found &= Q(**{f"{path}__lte": _date(last)})
    return found


def _date(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y%m%d").date()
    except ValueError as error:
        raise InvalidInput("Dates are written 20200131, ranges 20200101-20201231.") from error


def _modalities(path: str, value: str) -> Q:
    """A subquery, so that the counts of a study do not shrink to the modality that was asked for."""
    wanted = set(re.split(r"[,\\]", value)) & set(IMAGE_MODALITIES)
    return Q(**{f"{path}__in": ImagingStudy.objects.filter(series__modality__in=wanted).values("pk")})


def _study_attributes(to_study: str) -> dict[str, tuple[str, Matcher]]:
    return {
        "StudyInstanceUID": (f"{to_study}study_instance_uid", _one_of),
        "StudyDate": (f"{to_study}study_date", _dates),
        "PatientID": (f"{to_study}patient__pseudonym", _text),
        "PatientName": (f"{to_study}patient__pseudonym", _text),
        "ModalitiesInStudy": (f"{to_study}pk", _modalities),
    }


def _series_attributes(to_series: str) -> dict[str, tuple[str, Matcher]]:
    return _study_attributes(f"{to_series}study__") | {
        "SeriesInstanceUID": (f"{to_series}series_instance_uid", _one_of),
        "Modality": (f"{to_series}modality", _one_of),
        "SeriesNumber": (f"{to_series}series_number", _number),
    }


MATCHERS: Mapping[str, Mapping[str, tuple[str, Matcher]]] = {
    "study": _study_attributes(""),
    "series": _series_attributes(""),
    "instance": _series_attributes("series__")
    | {"SOPInstanceUID": ("sop_instance_uid", _one_of), "SOPClassUID": ("sop_class_uid", _one_of)},
}
