"""The columns of the lists of cases, jobs, p53 reads, feature sets and members of a dataset."""

from backend.core.lists import Column, Listing
from backend.dashboards.job_rows import seconds_run
from backend.features.models import Source


def _centre(get_patient):
    return Column(key="centre", title="Centre", value=lambda row: str(get_patient(row).centre or ""), is_extra=True)


def _unless_hidden(value):
    """What a blinded person gets in a file is what the page shows them: that it is hidden."""
    return lambda row: "hidden" if row.is_blinded else value(row)


CASES = Listing(
    page="cases:list",
    columns=(
        Column(key="patient", title="Patient", value=lambda row: row.case.patient.pseudonym, is_fixed=True),
        _centre(lambda row: row.case.patient),
        Column(key="scanner", title="Scanner", value=lambda row: row.case.pet.series.model_name, is_extra=True),
        Column(key="study_date", title="PET/CT of", value=lambda row: row.case.study.study_date),
        Column(key="readings", title="Readings", value=_unless_hidden(lambda row: row.case.reading_count)),
        Column(key="regions", title="Regions", value=_unless_hidden(lambda row: row.case.open_regions)),
        Column(
            key="consensus",
            title="Tumour consensus",
            value=_unless_hidden(lambda row: row.consensus.get_method_display() if row.consensus else ""),
        ),
        Column(
            key="volume_ml",
            title="Volume",
            value=_unless_hidden(
                lambda row: row.consensus.mask.volume_ml if row.consensus and row.consensus.mask else None
            ),
        ),
        Column(key="lowest_dice", title="Lowest Dice", value=_unless_hidden(lambda row: row.lowest_dice)),
        Column(
            key="brown_fat",
            title="Brown fat",
            value=_unless_hidden(
                lambda row: "signed" if row.bat and row.bat.is_signed else "by rule" if row.has_bat_rule else ""
            ),
        ),
        Column(key="features", title="Features", value=_unless_hidden(lambda row: len(row.features))),
    ),
)

JOBS = Listing(
    page="jobs:list",
    columns=(
        Column(key="work", title="Work", value=lambda row: row.get_kind_display(), is_fixed=True),
        Column(key="subject", title="Subject", value=lambda row: row.subject_title),
        Column(key="state", title="State", value=lambda row: row.get_state_display()),
        Column(key="progress", title="Progress", value=lambda row: row.progress),
        Column(key="message", title="Step or result", value=lambda row: row.shown_message),
        Column(key="ran_s", title="Ran", value=seconds_run),
        Column(key="attempts", title="Attempts", value=lambda row: row.attempt, in_files_only=True),
        Column(
            key="asked_by",
            title="Asked by",
            value=lambda row: row.created_by.shown_name if row.created_by else "PETRA",
        ),
        Column(key="asked_at", title="Asked at", value=lambda row: row.created_at, in_files_only=True),
        Column(key="finished_at", title="Finished at", value=lambda row: row.finished_at, in_files_only=True),
    ),
)

FEATURE_SETS = Listing(
    page="results:features",
    columns=(
        Column(key="patient", title="Patient", value=lambda row: row.case.patient.pseudonym, is_fixed=True),
        _centre(lambda row: row.case.patient),
        Column(key="source", title="Source", value=lambda row: row.source),
        Column(key="roi", title="ROI", value=lambda row: row.roi, in_files_only=True),
        Column(key="features", title="Features", value=lambda row: row.reason or "values"),
        Column(key="recipe", title="Recipe", value=lambda row: row.recipe.name),
        Column(
            key="recipe_sha256", title="Hash of the recipe", value=lambda row: row.recipe.sha256, in_files_only=True
        ),
        Column(key="sha256", title="Hash of the values", value=lambda row: row.sha256),
        Column(key="extracted_at", title="Extracted", value=lambda row: row.created_at),
    ),
)


# Erased where the patient withdrew.
_STATES = {True: "mutated", False: "wild-type", None: "withdrawn"}


def _of_source(source: str, field: str):
    return lambda row: row.feature_sets.get(source, {}).get(field, "")


def _clinical(name: str):
    return lambda row: row.clinical.get(name)


def _tp53(row) -> str:
    if row.withdrawn_at:
        return "withdrawn"
    return "mutated" if row.tp53_mutated else "wild-type"


MEMBERS_OF_DATASET = Listing(
    page="results:dataset",
    has_views=False,
    columns=(
        Column(key="patient", title="Patient", value=lambda row: row.patient.pseudonym, is_fixed=True),
        _centre(lambda row: row.patient),
        Column(key="cancer_type", title="Cancer", value=lambda row: row.cancer_type),
        Column(key="tp53", title="TP53", value=_tp53),
        Column(key="partition", title="Part", value=lambda row: "test" if row.in_test_set else "training"),
        Column(key="fold", title="Fold", value=lambda row: row.fold, in_files_only=True),
        Column(key="mask_sha256", title="Mask", value=lambda row: row.mask_sha256),
        *(Column(key=f"{s.value}_sha256", title=s.label, value=_of_source(s.value, "sha256")) for s in Source),
        *(
            Column(key=f"{s.value}_reason", title=s.label, value=_of_source(s.value, "reason"), in_files_only=True)
            for s in Source
        ),
        *(
            Column(key=name, title=name, value=_clinical(name), in_files_only=True)
            for name in ("lymph_node_metastasis", "grade", "figo_stage")
        ),
    ),
)


def _probability(place: int):
    return lambda row: row.probabilities[place]


def _partition(row) -> str:
    return "test" if row.member.in_test_set else f"out of fold {row.member.fold + 1}"


def prediction_listing(models: list[str]) -> Listing:
    """A column for each model's probability of a mutation."""
    return Listing(
        page="results:predictions",
        columns=(
            Column(key="patient", title="Patient", value=lambda row: row.member.patient.pseudonym, is_fixed=True),
            Column(key="cancer_type", title="Cancer", value=lambda row: row.member.cancer_type),
            Column(
                key="tp53",
                title="TP53 label",
                value=lambda row: "mutated" if row.member.tp53_mutated else "wild-type",
            ),
            Column(key="partition", title="Predicted by", value=_partition),
            *(Column(key=name, title=name, value=_probability(place)) for place, name in enumerate(models)),
        ),
    )
