"""Who works on a cohort and as what; coordinators give and take roles."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from backend.accounts.models import User
from backend.cohorts.access import cohort_view
from backend.cohorts.centres import limit_member
from backend.cohorts.list_pages import cohort_list_context, exported
from backend.cohorts.listings import MEMBERS
from backend.cohorts.member_filters import MemberFilter
from backend.cohorts.member_forms import LimitForm, MemberForm
from backend.cohorts.models import Membership, Role
from backend.cohorts.services import add_member, remove_member
from backend.core.errors import DomainError, NotFound


@cohort_view(Role.COORDINATOR)
def members(request: HttpRequest) -> HttpResponseBase:
    """The list, and the form that gives a person a role."""
    form = MemberForm(request.POST or None, cohort=request.cohort)
    if request.method == "POST" and form.is_valid() and _added(request, form):
        return redirect("cohorts:members", slug=request.cohort.slug)
    rows = Membership.objects.filter(cohort=request.cohort).select_related("user", "centre")
    rows = rows.order_by("user__username", "role")
    filterset = MemberFilter(request.GET, rows)
    if file := exported(request, MEMBERS, filterset.qs, name="members"):
        return file
    context = cohort_list_context(request, MEMBERS, filterset)
    return render(request, "cohorts/members.html", {**context, "form": form})


def _added(request: HttpRequest, form: MemberForm) -> bool:
    user = User.objects.filter(username__iexact=form.cleaned_data["username"], is_active=True).first()
    if user is None:
        form.add_error("username", "There is no open account of this name. An administrator can make one.")
        return False
    try:
        membership = add_member(
            cohort=request.cohort,
            user=user,
            role=form.cleaned_data["role"],
            centre=form.cleaned_data["centre"],
            actor=request.user,
        )
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, f"{user.shown_name} is now {membership.get_role_display().lower()}.")
    return True


@cohort_view(Role.COORDINATOR)
def member_limit(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    """Limits all roles of one person to a centre, or lets them see every centre again."""
    membership = _membership_or_404(request, membership_id)
    form = LimitForm(request.POST or None, cohort=request.cohort, initial={"centre": membership.centre})
    if request.method == "POST" and form.is_valid():
        try:
            limit_member(cohort=request.cohort, user=membership.user, actor=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            seen = form.cleaned_data["centre"] or "every centre"
            messages.success(request, f"{membership.user.shown_name} sees the patients of {seen}.")
            return redirect("cohorts:members", slug=request.cohort.slug)
    return render(request, "cohorts/member_limit.html", {"form": form, "member": membership})


@cohort_view(Role.COORDINATOR)
@require_POST
def member_remove(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    """Takes one role from one person."""
    membership = _membership_or_404(request, membership_id)
    remove_member(membership=membership, actor=request.user, reason=request.POST.get("reason", ""))
    messages.success(request, f"{membership.user.shown_name} is no longer {membership.get_role_display().lower()}.")
    return redirect("cohorts:members", slug=request.cohort.slug)


def _membership_or_404(request: HttpRequest, membership_id: UUID) -> Membership:
    rows = Membership.objects.filter(cohort=request.cohort, pk=membership_id).select_related("user", "centre")
    membership = rows.first()
    if membership is None:
        raise NotFound("There is no such role in this cohort; perhaps it was taken away already.")
    return membership
