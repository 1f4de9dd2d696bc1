"""The conversation about one case, as far as the person may read it; inside the viewer as a part of a page."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from backend.annotations.comment_models import TEXT_LIMIT
from backend.annotations.commenting import comments_of_case, may_comment, may_declare_blind_safe, people_to_mention
from backend.annotations.models import Comment
from backend.annotations.services.comments import add_comment, mark_read, retract_comment
from backend.annotations.views.requests import case_or_404
from backend.cohorts.access import cohort_view
from backend.cohorts.models import Role
from backend.core.errors import DomainError, Forbidden, NotFound
from backend.core.lists import page_of
from backend.imaging.models import Case

COMMENTS_PER_PAGE = 20
TALKS = (Role.COORDINATOR, Role.READER, Role.ADJUDICATOR, Role.ANALYST)


@cohort_view(*TALKS, blinded=True)
def comments(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Newest first; a comment that is sent (``text``, ``is_blind_safe``) is added to them."""
    case = case_or_404(request, case_id)
    _require_part(request, case)
    problem = _add(request, case) if request.method == "POST" else ""
    if request.method == "POST" and not problem and not request.htmx:
        return redirect("annotations:comments", slug=request.cohort.slug, case_id=case.pk)
    return _shown(request, case, problem)


@cohort_view(*TALKS, blinded=True)
@require_POST
def retract(request: HttpRequest, case_id: UUID, comment_id: UUID) -> HttpResponse:
    """Only one's own."""
    case = case_or_404(request, case_id)
    comment = (
        Comment.objects.filter(pk=comment_id, case=case, author=request.user).select_related("case__patient").first()
    )
    if comment is None:
        raise NotFound("There is no such comment among yours.")
    try:
        retract_comment(comment=comment, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    if request.htmx:
        return _shown(request, case, "")
    return redirect("annotations:comments", slug=request.cohort.slug, case_id=case.pk)


@cohort_view(*TALKS, blinded=True)
@require_GET
def people(request: HttpRequest, case_id: UUID) -> JsonResponse:
    """Whom the person may address on this case: ``[{username, name}]``."""
    case = case_or_404(request, case_id)
    _require_part(request, case)
    found = people_to_mention(request.user, case, request.roles)
    return JsonResponse({"people": [{"username": one.username, "name": one.shown_name} for one in found]})


def _require_part(request: HttpRequest, case: Case) -> None:
    if not may_comment(request.user, case, request.roles):
        raise Forbidden("Only who oversees the cohort or was given the case sees its comments.")


def _add(request: HttpRequest, case: Case) -> str:
    """The sentence why not; empty where it was kept."""
    try:
        add_comment(
            case=case,
            author=request.user,
            roles=request.roles,
            text=request.POST.get("text", ""),
            is_blind_safe=request.POST.get("is_blind_safe") == "yes",
        )
    except DomainError as error:
        return str(error)
    return ""


def _shown(request: HttpRequest, case: Case, problem: str) -> HttpResponse:
    page = page_of(request, comments_of_case(request.user, case, request.roles), rows_per_page=COMMENTS_PER_PAGE)
    unread = [
        row.pk for row in page for one in row.mentions.all() if one.user_id == request.user.pk and not one.read_at
    ]
    mark_read(user=request.user, comments=list(page))
    context = {
        "case": case,
        "page": page,
        "unread": unread,
        "problem": problem,
        "typed": request.POST.get("text", "") if problem else "",
        "text_limit": TEXT_LIMIT,
        "may_declare_blind_safe": may_declare_blind_safe(request.user, case, request.roles),
    }
    name = "annotations/comments_part.html" if request.htmx else "annotations/comments.html"
    return render(request, name, context, status=400 if problem and not request.htmx else 200)
