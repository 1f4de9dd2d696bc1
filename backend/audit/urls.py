"""The audit trail of the platform; a cohort's own lies beside the cohort's other pages."""

from django.urls import path

from backend.audit import views

app_name = "audit"
urlpatterns = [path("audit/", views.audit_all, name="all")]
