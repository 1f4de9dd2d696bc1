"""The addresses that are open to a member who is limited to one centre; all others need the whole cohort.

What is listed shows and changes the rows of patients, and such rows obey the limit. What is not listed tells of all
centres at once (results, datasets, the audit trail) or changes something for all of them (protocol, members), and a new
address belongs there until somebody has looked at it.
"""

FOR_ONE_CENTRE = frozenset(
    {
        "cohorts:home", "cohorts:protocol", "cohorts:protocol_compare",
        "dashboards:board", "dashboards:patient", "dashboards:clinical_edit", "dashboards:eligibility_override",
        "dashboards:eligibility_lift", "dashboards:withdraw",
        "pathology:worklist", "pathology:patient", "pathology:photograph_add", "pathology:photograph",
        "pathology:image", "pathology:thumbnail",
        "imaging:upload_list", "imaging:upload_report", "imaging:upload_discard", "imaging:series_list",
        "voxels:preview", "voxels:slab",
        "annotations:worklist", "annotations:view", "annotations:manifest", "annotations:save", "annotations:restore",
        "annotations:compare", "annotations:merge", "annotations:unlock", "annotations:active_time",
        "annotations:presence", "annotations:team", "annotations:team_now", "annotations:team_events",
        "annotations:submit", "annotations:reject_proposal", "annotations:case_view", "annotations:case_manifest",
        "annotations:adjudicate", "annotations:reopen", "annotations:offset", "annotations:comments",
        "annotations:comment_people", "annotations:comment_retract", "annotations:regions",
        "annotations:choose_region", "annotations:dismiss_region", "annotations:labelmap",
        "annotations:assignments", "annotations:give", "annotations:withdraw",
        "cases:list", "cases:detail", "cases:start_consensus", "cases:start_bat", "cases:start_features",
        "cases:settle", "cases:start_consensuses", "cases:start_all_features",
        "jobs:list", "jobs:states", "jobs:events", "jobs:detail", "jobs:cancel", "jobs:retry",
    }
)  # fmt: skip
FOR_ONE_CENTRE_API = frozenset(
    {
        "cohort_detail", "patient_list", "patient_detail", "clinical_list", "eligibility_list", "ihc_read_list",
        "upload_list", "upload_detail", "upload_files", "upload_finish", "upload_chunk", "series_list",
        "series_detail", "study_list", "study_detail", "assignment_list", "reading_list", "reading_unlock",
        "consensus_list",
        "comment_list", "comment_retraction", "mask_list", "mask_detail", "mask_labelmap", "case_list",
        "case_detail", "case_action", "job_list", "job_detail", "job_cancel", "job_retry",
    }
)  # fmt: skip
_DICOMWEB = "dicomweb_"
_VOXELS = ("volume_",)


def is_for_one_centre(view_name: str) -> bool:
    """Whether a member who is limited to a centre may open the address of this name."""
    namespace, _, name = view_name.partition(":")
    if namespace != "api":
        return view_name in FOR_ONE_CENTRE
    return name in FOR_ONE_CENTRE_API or name.startswith((_DICOMWEB, *_VOXELS))
