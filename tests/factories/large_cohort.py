"""A cohort of any size as rows, made in bulk: every patient at some stage between a screening and features.

Nothing is read from storage: for lists, boards and datasets, which look at rows alone. By number, one patient in ten
stops before each stage, so that every filter finds some and leaves some.
"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from django.db import models
from django.utils import timezone

from backend.accounts.models import User
from backend.annotations.models import Assignment, Consensus, Mask, MaskSource, Outcome, Reading, Target
from backend.audit.models import AuditRecord
from backend.audit.services import record_digest
from backend.cohorts.centre_models import Centre
from backend.cohorts.models import (
    CancerType,
    ClinicalRecord,
    Cohort,
    EligibilityDecision,
    Enrolment,
    Patient,
    PatientState,
    Role,
)
from backend.cohorts.services import current_protocol
from backend.features.models import FeatureSet, Recipe, Source
from backend.imaging.models import Case, ImagingStudy, PetAcquisition, Series, Volume
from backend.jobs.models import Job, JobKind, JobState
from backend.pathology.models import IhcRead, Specimen
from tests.factories.clinical import ELIGIBLE
from tests.factories.people import make_cohort, make_member

READERS = 3
AT_ONCE = 2000
CENTRES = ("North", "South", "West")
GEOMETRY = {"size_xyz": [4, 4, 4], "spacing_mm": [4.0, 4.0, 4.0]}
# The stage before which every tenth patient stops, by the last digit of the number.
STAGES = ("clinical", "p53", "images", "readings", "consensus", "brown fat", "features")


class LargeCohort:
    """``cohort`` with its people; ``patients`` in order."""

    def __init__(self, slug: str, patients: int) -> None:
        self.cohort: Cohort = make_cohort(slug)
        self.coordinator = make_member(self.cohort, Role.COORDINATOR, Role.ANALYST, username=f"{slug}-coordinator")
        self.pathologist = make_member(self.cohort, Role.PATHOLOGIST, username=f"{slug}-pathologist")
        self.readers = [make_member(self.cohort, Role.READER, username=f"{slug}-reader{n}") for n in range(READERS)]
        self.centres = [Centre.objects.create(cohort=self.cohort, name=name) for name in CENTRES]
        self.patients = _bulk(Patient, patients, self._patient)
        self._enrol()
        self.cases = self._images()
        self._readings()
        self._settle()
        self._work()

    def reaches(self, number: int, stage: str) -> bool:
        """Whether the patient of this number has gone through a stage."""
        stops_at = number % 10
        return stops_at >= len(STAGES) or STAGES.index(stage) < stops_at

    def _patient(self, number: int) -> dict:
        return {
            "cohort": self.cohort,
            "pseudonym": f"PETRA-{hashlib.sha256(f'{self.cohort.slug}{number}'.encode()).hexdigest()[:8].upper()}",
            "centre": self.centres[number % len(CENTRES)],
        }

    def _with(self, stage: str) -> list[tuple[int, Patient]]:
        return [(number, patient) for number, patient in enumerate(self.patients) if self.reaches(number, stage)]

    def _enrol(self) -> None:
        protocol = current_protocol(self.cohort)
        known = {patient.pk for _, patient in self._with("clinical")}
        states = {p.pk: PatientState.INCLUDED if p.pk in known else PatientState.SCREENED for p in self.patients}
        _keep(Enrolment, ({"patient": p, "state": states[p.pk]} for p in self.patients))
        _keep(
            EligibilityDecision,
            ({"patient": p, "protocol": protocol, "state": states[p.pk], "criteria": []} for p in self.patients),
        )
        _keep(
            ClinicalRecord,
            (
                {**ELIGIBLE, "patient": p, "cancer_type": CancerType.values[n % 3], "grade": "poor", "figo_stage": "II"}
                for n, p in self._with("clinical")
            ),
        )
        read = self._with("p53")
        specimens = _keep(Specimen, ({"patient": p, "collected_on": date(2020, 3, 12)} for _, p in read))
        _keep(
            IhcRead,
            (
                {"specimen": specimen, "reader": self.pathologist, "percent_stained": 80.0 if n % 2 else 2.0}
                for (n, _), specimen in zip(read, specimens, strict=True)
            ),
        )

    def _images(self) -> dict[int, Case]:
        numbered = self._with("images")
        studies = _keep(
            ImagingStudy,
            (
                {"patient": p, "study_instance_uid": f"2.25.{uuid5(NAMESPACE_OID, str(p.pk)).int}",
                 "study_date": date(2020, 3, 8)}
                for _, p in numbered
            ),
        )  # fmt: skip
        ct, pet = (self._volumes(studies, modality, unit) for modality, unit in (("CT", "HU"), ("PT", "SUVbw")))
        rows = zip(numbered, studies, ct, pet, strict=True)
        cases = _keep(Case, ({"patient": p, "study": study, "ct": c, "pet": t} for (_, p), study, c, t in rows))
        return dict(zip((number for number, _ in numbered), cases, strict=True))

    def _volumes(self, studies: list, modality: str, unit: str) -> list[Volume]:
        series = _keep(
            Series,
            (
                {"study": s, "series_instance_uid": f"{s.study_instance_uid[:50]}.{len(unit)}", "modality": modality,
                 "manufacturer": "Maker", "model_name": "Scanner", "slice_thickness_mm": 3.75, "kvp": 120.0}
                for s in studies
            ),
        )  # fmt: skip
        if modality == "PT":
            acquired = {"injected_dose_bq": 3.0e8, "uptake_time_s": 3600.0, "weight_kg": 65.0}
            _keep(PetAcquisition, ({"series": one, **acquired} for one in series))
        stored = {"storage_key": "none", "preview_key": "none", "sha256": "0" * 64, "minimum": 0.0, "maximum": 1.0}
        stored |= {"stored_dtype": "uint16", "slab_keys": [], "slab_slice_counts": [], "preview_geometry": GEOMETRY}
        return _keep(Volume, ({"series": one, "unit": unit, "geometry": GEOMETRY, **stored} for one in series))

    def _readings(self) -> None:
        assigned = [(n, case, reader) for n, case in self.cases.items() for reader in self.readers]
        assignments = _keep(
            Assignment,
            ({"case": case, "reader": reader, "position": n + 1, "opened_at": NOW} for n, case, reader in assigned),
            manager="every_purpose",
        )
        read = [one for one, (n, _, _) in zip(assignments, assigned, strict=True) if self.reaches(n, "readings")]
        masks = self._masks(read, lambda one: {"case": one.case, "assignment": one, "author": one.reader})
        self.handed_in: dict[Any, list[Reading]] = {}
        rows = zip(read, masks, strict=True)
        for reading in _keep(
            Reading,
            (
                {"case": one.case, "target": Target.TUMOUR, "assignment": one, "reader": one.reader, "mask": mask,
                 "mask_sha256": mask.sha256, "outcome": Outcome.LESIONS}
                for one, mask in rows
            ),
        ):  # fmt: skip
            self.handed_in.setdefault(reading.case_id, []).append(reading)

    def _masks(self, rows: list, own: Callable[[Any], dict], **values: Any) -> list[Mask]:
        common: dict[str, Any] = {"target": Target.TUMOUR, "source": MaskSource.DRAWN, "grid": "pet"}
        common["geometry"] = GEOMETRY
        common |= {"storage_key": "none", "voxel_count": 10, "volume_ml": 12.5, **values}
        return _keep(
            Mask, ({**common, "sha256": hashlib.sha256(str(row.pk).encode()).hexdigest(), **own(row)} for row in rows)
        )

    def _settle(self) -> None:
        settled = [case for n, case in self.cases.items() if self.reaches(n, "consensus")]
        masks = self._masks(settled, lambda case: {"case": case}, source=MaskSource.CONSENSUS)
        readings = {case.pk: [reading.pk for reading in self.handed_in[case.pk]] for case in settled}
        consensuses = _keep(
            Consensus,
            (
                {"case": case, "target": Target.TUMOUR, "method": "majority", "outcome": Outcome.LESIONS, "mask": mask,
                 "reading_ids": readings[case.pk], "agreement": {"pairs": [{"dice": 0.9}, {"dice": 0.8}]}}
                for case, mask in zip(settled, masks, strict=True)
            ),
        )  # fmt: skip
        by_case = {one.case_id: one for one in consensuses}
        fat = [case for n, case in self.cases.items() if self.reaches(n, "brown fat")]
        rules = self._masks(fat, lambda case: {"case": case}, target=Target.BAT, source=MaskSource.BAT_RULE)
        rule = {mask.case_id: mask for mask in rules}
        done = [case for n, case in self.cases.items() if self.reaches(n, "features")]
        self._features(done, by_case, rule)

    def _features(self, cases: list[Case], consensuses: dict, rules: dict) -> None:
        recipe, _ = Recipe.objects.get_or_create(
            sha256=f"{'large':0<64}",
            defaults={"name": "tumour", "settings": {"bin_width": 25}, "feature_names": ["original_shape_Elongation"]},
        )
        _keep(
            FeatureSet,
            (
                {"case": case, "source": source, "recipe": recipe, "inputs_sha256": "1" * 64, "values": [0.5],
                 "sha256": hashlib.sha256(f"{case.pk}{source}".encode()).hexdigest(),
                 "consensus": consensuses[case.pk] if source.startswith("tumour") else None,
                 "mask": consensuses[case.pk].mask if source.startswith("tumour") else rules[case.pk],
                 "is_unsigned_rule": source.startswith("bat")}
                for case in cases for source in Source.values
            ),
        )  # fmt: skip

    def _work(self) -> None:
        """The jobs that all of it took, and the trail."""
        kinds = (JobKind.BUILD_VOLUMES, JobKind.BUILD_CONSENSUS, JobKind.EXTRACT_FEATURES)
        _keep(
            Job,
            (
                {"kind": kind, "queue": "cpu", "state": JobState.SUCCEEDED, "cohort_uuid": self.cohort.pk,
                 "subject_type": "imaging.case", "subject_id": str(case.pk), "subject_title": case.patient.pseudonym,
                 "created_by": self.coordinator, "progress": 1.0, "message": "Done.", "started_at": NOW,
                 "finished_at": NOW + timedelta(seconds=9)}
                for case in self.cases.values() for kind in kinds
            ),
        )  # fmt: skip
        _trail(self.cohort, self.coordinator, self.patients)


NOW: datetime = timezone.now()


def _bulk(model: type[models.Model], count: int, values: Callable[[int], dict]) -> list:
    return _keep(model, (values(number) for number in range(count)))


def _keep(model: type[models.Model], rows: Iterator[dict], *, manager: str = "objects") -> list:
    return getattr(model, manager).bulk_create([model(**row) for row in rows], batch_size=AT_ONCE)


def _trail(cohort: Cohort, actor: User, patients: list[Patient]) -> None:
    """Three records a patient, chained as ``record_audit`` chains them."""
    previous = AuditRecord.objects.order_by("-id").values_list("sha256", flat=True).first() or ""
    rows = []
    for patient in patients:
        for action in ("patient.add", "clinical.record", "eligibility.evaluate"):
            row = AuditRecord(
                at=NOW, actor=actor, actor_name=actor.shown_name, action=action, object_type="cohorts.patient",
                object_id=str(patient.pk), cohort_uuid=cohort.pk, after={"state": "included"}, previous_sha256=previous,
            )  # fmt: skip
            row.sha256 = previous = record_digest(row)
            rows.append(row)
    AuditRecord.objects.bulk_create(rows, batch_size=AT_ONCE)
