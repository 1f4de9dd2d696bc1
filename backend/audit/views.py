"""Administrators: the audit trail of the whole platform."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from backend.accounts.access import administrator_view
from backend.audit.exports import export_response
from backend.audit.filters import AuditFilter
from backend.audit.selectors import whole_audit
from backend.audit.services import record_audit
from backend.core.lists import list_context


@administrator_view
def audit_all(request: HttpRequest) -> HttpResponseBase:
    """Searchable list; ``?export=csv`` or ``json`` downloads what the filters leave."""
    filterset = AuditFilter(request.GET, whole_audit())
    if form := request.GET.get("export"):
        record_audit(action="audit.export", subject=request.user, actor=request.user, after={"format": form})
        return export_response(filterset.qs, form=form, name="petra-audit")
    return render(request, "audit/audit_list.html", list_context(request, filterset))
