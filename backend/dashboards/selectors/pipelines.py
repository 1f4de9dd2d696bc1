"""The pipeline as run: each step of a cohort with its count, its state and the page that does it."""

from dataclasses import dataclass

from django.db.models import Count, Q

from backend.annotations.models import Consensus, Mask, MaskSource, Reading, Target
from backend.cohorts.models import Cohort, Patient, PatientState
from backend.core.navigation import address
from backend.experiments.models import Experiment, ExperimentKind
from backend.features.models import FeatureSet
from backend.imaging.models import Case
from backend.pathology.models import IhcRead


@dataclass(frozen=True, kw_only=True)
class PipelineStep:
    """``done`` of ``total`` units; ``total`` is None where a step is done or not."""

    title: str
    noun: str
    done: int
    total: int | None
    note: str
    url: str

    @property
    def state(self) -> str:
        """succeeded, partial or queued: a look of the page's states."""
        if not self.done:
            return "queued"
        return "succeeded" if self.total is None or self.done >= self.total else "partial"

    @property
    def state_title(self) -> str:
        return {"queued": "To do", "partial": "Partly done", "succeeded": "Done"}[self.state]


def pipeline_steps(cohort: Cohort) -> list[PipelineStep]:
    """Import to evaluation, in order; a constant number of queries."""
    patients = Patient.objects.filter(cohort=cohort).aggregate(
        met=Count("pk"), included=Count("pk", filter=Q(enrolment__state=PatientState.INCLUDED))
    )
    cases = Case.objects.filter(patient__cohort=cohort, patient__enrolment__state=PatientState.INCLUDED).count()
    return [
        *_until_labels(cohort, patients["met"], patients["included"]),
        *_until_features(cohort, cases),
        *_analyses(cohort),
    ]


def _until_labels(cohort: Cohort, met: int, included: int) -> list[PipelineStep]:
    slug = cohort.slug
    scanned = Case.objects.filter(patient__cohort=cohort).values("patient").distinct().count()
    labelled = IhcRead.objects.filter(
        specimen__patient__cohort=cohort, specimen__patient__enrolment__state=PatientState.INCLUDED
    )
    return [
        PipelineStep(
            title="Import", noun="patients with CT and PET volumes", done=scanned, total=met,
            note="Pseudonyms, shifted dates, HU and SUVbw on their native grids.",
            url=address("imaging:upload_list", slug=slug),
        ),
        PipelineStep(
            title="Eligibility", noun="patients included", done=included, total=None,
            note="Each criterion of the protocol, with its reason.",
            url=address("dashboards:board", slug=slug),
        ),
        PipelineStep(
            title="p53 reads", noun="included patients with a TP53 label",
            done=labelled.values("specimen__patient").distinct().count(), total=included,
            note="Mutated where more nuclei stain than the protocol's threshold.",
            url=address("pathology:worklist", slug=slug),
        ),
    ]  # fmt: skip


def _until_features(cohort: Cohort, cases: int) -> list[PipelineStep]:
    slug = cohort.slug
    mine = {"case__patient__cohort": cohort, "case__patient__enrolment__state": PatientState.INCLUDED}
    read = Reading.objects.standing().filter(**mine, target=Target.TUMOUR).values("case").distinct().count()
    settled = Consensus.objects.standing().filter(**mine, target=Target.TUMOUR).values("case").distinct().count()
    signed = (
        Consensus.objects.standing().filter(**mine, target=Target.BAT, is_signed=True).values("case").distinct().count()
    )
    proposed = Mask.objects.filter(**mine, source=MaskSource.BAT_RULE).values("case").distinct().count()
    extracted = FeatureSet.objects.filter(**mine, roi="consensus", values__isnull=False)
    board = address("dashboards:board", slug=slug)
    return [
        PipelineStep(
            title="Readings", noun="cases with a tumour reading", done=read, total=cases,
            note="Drawn in the viewer or imported, each reader blind to the others.",
            url=address("annotations:assigning", slug=slug) or board,
        ),
        PipelineStep(
            title="Consensus", noun="cases with a consensus ROI", done=settled, total=cases,
            note="Strict majority of the readers, signed by an adjudicator.", url=board,
        ),
        PipelineStep(
            title="Brown fat", noun="cases with signed brown fat", done=signed, total=cases,
            note=f"{proposed} proposed by the rule on SUV and HU; unsigned proposals are marked in the features.",
            url=board,
        ),
        PipelineStep(
            title="Features", noun="cases with features", done=extracted.values("case").distinct().count(), total=cases,
            note="1,781 per tumour and modality, 342 per brown fat and modality, by the recipe of the protocol.",
            url=address("results:features", slug=slug),
        ),
    ]  # fmt: skip


def _analyses(cohort: Cohort) -> list[PipelineStep]:
    counts = Experiment.objects.filter(cohort=cohort).aggregate(
        **{kind.value: Count("pk", filter=Q(kind=kind, based_on__isnull=True)) for kind in ExperimentKind},
        clusters=Count("pk", filter=Q(kind=ExperimentKind.CLUSTERING)),
        automatic=Count("pk", filter=Q(kind=ExperimentKind.CLASSIFICATION, based_on__isnull=False)),
    )
    segmented = Mask.objects.filter(case__patient__cohort=cohort, source=MaskSource.NNUNET)
    steps = (
        ("Dataset", "frozen versions", cohort.dataset_versions.count(),
         "Patients, labels, masks, features and the split, by hash.", "results:datasets"),
        ("TP53 models", "trainings", counts["classification"],
         "Four single-source models, the combined one, and baselines on the same folds.", "results:models"),
        ("Segmenter", "trainings", counts["segmentation"], "nnU-Net on the consensus masks.", "results:models"),
        ("Automatic ROIs", "cases segmented", segmented.values("case").distinct().count(),
         "By models that never saw the patient.", "results:models"),
        ("Automatic evaluation", "evaluations", counts["automatic"],
         "The combined model on features of automatic ROIs.", "results:models"),
        ("Clusters", "clusterings", counts["clusters"], "Of the deep features of the combined model.",
         "results:clusters"),
        ("Statistics", "comparisons", counts["statistics"], "Every feature against TP53.", "results:statistics"),
        ("Summary", "summaries", counts["summary"], "Flow diagram, Table 1 and uptake.", "results:summary"),
    )  # fmt: skip
    return [
        PipelineStep(title=title, noun=noun, done=done, total=None, note=note, url=address(name, slug=cohort.slug))
        for title, noun, done, note, name in steps
    ]
