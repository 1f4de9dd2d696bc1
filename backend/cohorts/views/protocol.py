"""The protocol: its rules with units, its versions, and making the next one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from backend.cohorts.access import cohort_view
from backend.cohorts.models import Role
from backend.cohorts.protocol import ProtocolRules
from backend.cohorts.protocol_fields import compared_rules, rule_changes, shown_rules
from backend.cohorts.protocol_forms import ProtocolForm
from backend.cohorts.protocol_versions import new_protocol_version
from backend.cohorts.selectors import protocol_versions
from backend.cohorts.services import current_rules
from backend.core.errors import DomainError


@cohort_view()
def protocol(request: HttpRequest) -> HttpResponse:
    """The current rules and what every version changed, with who and why."""
    versions = protocol_versions(request.cohort)
    rules = [ProtocolRules.from_json(version.rules) for version in versions]
    history = [
        {"version": version, "changes": rule_changes(before, after)}
        for version, after, before in zip(versions, rules, [*rules[1:], ProtocolRules()], strict=True)
    ]
    context = {"version": versions[0], "groups": shown_rules(rules[0]), "history": history}
    return render(request, "cohorts/protocol.html", context)


@cohort_view()
def protocol_compare(request: HttpRequest) -> HttpResponse:
    """Two versions side by side, by ``?before=1&after=3``: every rule, the differing ones marked."""
    versions = protocol_versions(request.cohort)
    by_number = {str(version.number): version for version in versions}
    after = by_number.get(request.GET.get("after", ""), versions[0])
    before = by_number.get(request.GET.get("before", ""), versions[min(1, len(versions) - 1)])
    old, new = ProtocolRules.from_json(before.rules), ProtocolRules.from_json(after.rules)
    context = {"before": before, "after": after, "versions": versions, "rows": compared_rules(old, new)}
    return render(request, "cohorts/protocol_compare.html", context)


@cohort_view(Role.COORDINATOR)
def protocol_change(request: HttpRequest) -> HttpResponse:
    """The form of the next version; afterwards every patient is evaluated under it."""
    form = ProtocolForm(request.POST or None, rules=current_rules(request.cohort))
    if request.method == "POST" and form.is_valid():
        try:
            version = new_protocol_version(
                cohort=request.cohort, rules=form.rules(), reason=form.cleaned_data["reason"], actor=request.user
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{version} is in force; every patient was evaluated under it.")
            return redirect("cohorts:protocol", slug=request.cohort.slug)
    return render(request, "cohorts/protocol_form.html", {"form": form})
