"""Results of a cohort as rows, without a worker: a dataset, a summary with its figure, a feature set."""

from itertools import count
from typing import Any

from backend.cohorts.models import Cohort, DatasetMember, DatasetVersion
from backend.cohorts.services import current_protocol
from backend.experiments.models import Experiment, ExperimentKind
from backend.experiments.services.recording import FigureSpec, record_experiment
from backend.features.models import FeatureSet, Recipe
from backend.jobs.models import JobKind
from backend.jobs.services import enqueue_job
from tests.factories.cases import make_case
from tests.factories.clinical import make_patient

_number = count(1)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="20" height="10" fill="teal"/></svg>'
SPEC = {"mark": "point", "data": {"values": [{"x": 1, "y": "=2+3"}, {"x": -2.5, "y": "b"}]}}


def make_results(cohort: Cohort) -> dict[str, Any]:
    """``dataset``, ``experiment`` (a summary on it), ``figure`` and ``feature_set`` of one new patient."""
    feature_set = make_feature_set(cohort)
    dataset = make_dataset(cohort, [feature_set])
    experiment = make_experiment(cohort, ExperimentKind.SUMMARY, results={"table_one": {}, "flow": [], "n": 1})
    return {
        "feature_set": feature_set,
        "dataset": dataset,
        "experiment": experiment,
        "figure": experiment.figures.get(),
    }


def make_feature_set(cohort: Cohort, **values: Any) -> FeatureSet:
    """Three features of a tumour on CT, or what ``values`` say."""
    recipe, _ = Recipe.objects.get_or_create(
        sha256=f"{cohort.slug:0<64}"[:64],
        defaults={
            "name": "tumour",
            "settings": {"bin_width": 25},
            "feature_names": ["original_shape_Elongation", "original_glcm_Idm", "wavelet-LLH_firstorder_Mean"],
        },
    )
    defaults = {"source": "tumour_ct", "values": [0.5, 1234.5678, -1e-9], "sha256": "a" * 64}
    case = values.pop("case", None) or make_case(make_patient(cohort, f"PETRA-R{next(_number):07d}"))
    return FeatureSet.objects.create(
        case=case, recipe=recipe, inputs_sha256=f"{next(_number):064d}", **{**defaults, **values}
    )


def make_dataset(cohort: Cohort, feature_sets: list[FeatureSet]) -> DatasetVersion:
    """A version whose members are the patients of these feature sets: the first in the sealed test set."""
    number = cohort.dataset_versions.count() + 1
    dataset = DatasetVersion.objects.create(
        cohort=cohort,
        number=number,
        protocol=current_protocol(cohort),
        label_rule={"percent_stained_above": 5.0},
        split_settings={"seed": 1, "folds": 5, "test": 1},
        warnings=["1 included patient was left out: no p53 read."],
        sha256=f"{number:064d}",
    )
    DatasetMember.objects.bulk_create(
        [
            DatasetMember(
                dataset_version=dataset,
                patient=row.case.patient,
                case_uuid=row.case_id,
                cancer_type="ovarian",
                tp53_mutated=index % 2 == 0,
                fold=None if index == 0 else (index - 1) % 5,
                consensus_uuid=row.consensus_id,
                mask_sha256=row.mask.sha256 if row.mask else "b" * 64,
                feature_sets={"tumour_ct": {"id": str(row.pk), "sha256": row.sha256, "reason": row.reason}},
            )
            for index, row in enumerate(feature_sets)
        ]
    )
    return dataset


def make_experiment(
    cohort: Cohort, kind: ExperimentKind, *, dataset: DatasetVersion | None = None, results: dict | None = None
) -> Experiment:
    """An experiment with one figure, recorded by the real service."""
    job = enqueue_job(
        kind=JobKind.SUMMARISE_COHORT,
        subject=cohort,
        cohort_uuid=cohort.pk,
        parameters={"test": next(_number)},
    )
    figure = FigureSpec(key="flow", title="Flow of patients", spec=SPEC, svg=SVG, n=7)
    return record_experiment(
        cohort=cohort, kind=kind, job=job, dataset=dataset, results=results or {}, figures=[figure]
    )
