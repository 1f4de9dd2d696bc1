"""The audit trail of one cohort, for its coordinators."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from backend.audit.access_log import record_view
from backend.audit.exports import export_response
from backend.audit.filters import AuditFilter, WithheldAuditFilter
from backend.cohorts.access import cohort_view
from backend.cohorts.models import Role
from backend.core.errors import Forbidden
from backend.core.lists import list_context
from backend.dashboards.withholding import WITHHELD, audit_seen_by, withholds_details


@cohort_view(Role.COORDINATOR)
def cohort_audit(request: HttpRequest) -> HttpResponseBase:
    """Searchable list; ``?export=csv`` or ``json`` downloads what the filters leave."""
    withheld = withholds_details(request.user, request.cohort)
    filterset = (WithheldAuditFilter if withheld else AuditFilter)(
        request.GET, audit_seen_by(request.user, request.cohort)
    )
    if form := request.GET.get("export"):
        if withheld:
            raise Forbidden("You have readings to hand in; the audit trail can be exported after that.")
        record_view(request, request.cohort, action="audit_export", format=form)
        return export_response(filterset.qs, form=form, name=f"petra-audit-{request.cohort.slug}")
    context = {**list_context(request, filterset), "withheld": WITHHELD if withheld else ""}
    return render(request, "audit/audit_list.html", context)
