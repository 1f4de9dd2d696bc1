"""Pages of a cohort: its list, its front door, its people."""

from django.urls import path

from backend.cohorts.views import clinical_import, clinical_table, cohorts, members, protocol, saved_views

app_name = "cohorts"
urlpatterns = [
    path("", cohorts.cohort_list, name="list"),
    path("cohorts/new/", cohorts.cohort_create, name="create"),
    path("cohorts/<slug:slug>/", cohorts.cohort_home, name="home"),
    path("cohorts/<slug:slug>/protocol/", protocol.protocol, name="protocol"),
    path("cohorts/<slug:slug>/protocol/compare/", protocol.protocol_compare, name="protocol_compare"),
    path("cohorts/<slug:slug>/protocol/change/", protocol.protocol_change, name="protocol_change"),
    path("cohorts/<slug:slug>/clinical-import/", clinical_import.clinical_import, name="clinical_import"),
    path(
        "cohorts/<slug:slug>/clinical-import/template.<slug:form>",
        clinical_import.clinical_template,
        name="clinical_template",
    ),
    path(
        "cohorts/<slug:slug>/clinical-import/mappings/<uuid:mapping_id>/forget/",
        clinical_import.clinical_mapping_forget,
        name="clinical_mapping_forget",
    ),
    path("cohorts/<slug:slug>/clinical-import/<uuid:table_id>/", clinical_table.clinical_table, name="clinical_table"),
    path(
        "cohorts/<slug:slug>/clinical-import/<uuid:table_id>/mapping/",
        clinical_table.clinical_mapping,
        name="clinical_mapping",
    ),
    path(
        "cohorts/<slug:slug>/clinical-import/<uuid:table_id>/encoding/",
        clinical_table.clinical_encoding,
        name="clinical_encoding",
    ),
    path(
        "cohorts/<slug:slug>/clinical-import/<uuid:table_id>/import/",
        clinical_table.clinical_table_import,
        name="clinical_table_import",
    ),
    path(
        "cohorts/<slug:slug>/clinical-import/<uuid:table_id>/discard/",
        clinical_table.clinical_table_discard,
        name="clinical_table_discard",
    ),
    path("cohorts/<slug:slug>/members/", members.members, name="members"),
    path("cohorts/<slug:slug>/members/<uuid:membership_id>/limit/", members.member_limit, name="member_limit"),
    path("cohorts/<slug:slug>/members/<uuid:membership_id>/remove/", members.member_remove, name="member_remove"),
    path("cohorts/<slug:slug>/views/", saved_views.view_save, name="view_save"),
    path("cohorts/<slug:slug>/views/<uuid:view_id>/delete/", saved_views.view_delete, name="view_delete"),
]
