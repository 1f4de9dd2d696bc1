"""A reader's worklist: what is to be read, in the reader's own order, how far it is, and who asks something of them."""

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from backend.accounts.access import SIGNED_IN
from backend.annotations.commenting import unread_mentions
from backend.annotations.filters import ReaderWorklistFilter
from backend.annotations.listings import OWN_READINGS
from backend.annotations.manifests import view_url
from backend.annotations.models import Assignment, CommentMention
from backend.annotations.selectors import assignments_of
from backend.cohorts.access import cohort_view
from backend.cohorts.list_pages import cohort_list_context, exported
from backend.cohorts.models import Role
from backend.core.access import declare
from backend.core.lists import list_context

MENTIONS_SHOWN = 5


@declare(SIGNED_IN)
def my_worklist(request: HttpRequest) -> HttpResponseBase:
    """The person's readings in all their cohorts."""
    return _worklist(request, assignments_of(request.user), unread_mentions(request.user))


@cohort_view(Role.READER, Role.COORDINATOR, Role.ADJUDICATOR, Role.ANALYST)
def worklist(request: HttpRequest) -> HttpResponseBase:
    """The person's readings in one cohort; who reads none finds the comments there that address them."""
    rows = assignments_of(request.user).filter(case__patient__cohort=request.cohort)
    mentions = unread_mentions(request.user).filter(comment__case__patient__cohort=request.cohort)
    return _worklist(request, rows, mentions)


def _worklist(request: HttpRequest, rows: QuerySet[Assignment], mentions: QuerySet[CommentMention]) -> HttpResponseBase:
    unread = dict(mentions.order_by().values_list("comment__case").annotate(number=Count("pk")))
    filterset = ReaderWorklistFilter(request.GET, rows, mentioned=list(unread))
    # Over all cohorts there is no cohort in whose trail an export would stand, nor one to keep a view in.
    in_cohort = hasattr(request, "cohort")
    if in_cohort and (file := exported(request, OWN_READINGS, filterset.qs, name="own-readings")):
        return file
    context = cohort_list_context(request, OWN_READINGS, filterset) if in_cohort else list_context(request, filterset)
    for assignment in context["page"]:
        assignment.view_url = view_url(assignment)
        assignment.unread_count = unread.get(assignment.case_id, 0)
    first = rows.exclude(state="submitted").first()
    progress = _progress(rows)
    total, submitted = (sum(row[name] for row in progress) for name in ("total", "submitted"))
    context |= {
        "progress": progress,
        "total": total,
        "submitted": submitted,
        "left": total - submitted,
        "first_url": view_url(first) if first else "",
        "mentions": mentions.select_related("comment__author", "comment__case__patient__cohort").order_by(
            "-comment__created_at"
        )[:MENTIONS_SHOWN],
        "mention_count": sum(unread.values()),
    }
    return render(request, "annotations/worklist.html", context)


def _progress(rows: QuerySet[Assignment]) -> list[dict]:
    """``cohort``, ``total``, ``submitted`` and ``overdue`` of every cohort, by its name."""
    found = rows.order_by("case__patient__cohort__name").values("case__patient__cohort__name")
    counted = found.annotate(
        total=Count("pk", distinct=True),
        submitted=Count("pk", distinct=True, filter=Q(state="submitted")),
        overdue=Count("pk", distinct=True, filter=Q(is_overdue=True)),
    )
    return [{**row, "cohort": row["case__patient__cohort__name"]} for row in counted]
