"""Brown fat: the case's CT and PET → the rule's mask, as a proposal that a reader signs or edits."""

from backend.annotations.services.proposals import record_bat_proposal
from backend.cohorts.services import current_rules
from backend.imaging.models import Case
from backend.jobs.models import JobKind
from backend.jobs.services import completing
from worker.casework import fetch_case, store_on_both_grids
from worker.compute.bat import bat_mask, require_voxels
from worker.tasks.runner import JobContext, job_task


@job_task(JobKind.PROPOSE_BAT)
def propose_bat(context: JobContext) -> None:
    """fetch: CT and PET → compute: SUV and HU thresholds on the CT grid → record: a proposal."""
    case = Case.objects.select_related("patient__cohort", "ct", "pet").get(pk=context.job.subject_id)
    rules = current_rules(case.patient.cohort)
    volumes = fetch_case(case, context.workspace)
    context.inputs(ct=case.ct.sha256, pet=case.pet.sha256, offset_lps_mm=volumes.offset_lps_mm)
    context.progress(0.3, "Applying the rule")
    grid = volumes.on_ct_grid()
    thresholds = {
        "suv_threshold": rules.bat_suv_bw_above,
        "hu_min": rules.bat_hu_minimum,
        "hu_max": rules.bat_hu_maximum,
        "min_component_ml": rules.bat_minimum_component_ml,
    }
    mask = require_voxels(bat_mask(grid.ct, grid.pet, **thresholds))
    on_ct, on_pet = store_on_both_grids(case, mask, volumes.offset_lps_mm)
    with completing(context.claim, message=f"{on_ct.volume_ml:.1f} ml of brown fat proposed."):
        record_bat_proposal(case, on_ct=on_ct, on_pet=on_pet, thresholds=thresholds)
