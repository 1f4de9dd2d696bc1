"""Asking for features and recording them, or the sentence that says why there are none."""

import hashlib
import json
from dataclasses import dataclass, field

import numpy as np
from django.utils import timezone

from backend.accounts.models import User
from backend.annotations.models import Consensus, Mask, Outcome, Target
from backend.annotations.selectors import bat_rule_mask, current_consensus
from backend.audit.services import record_audit
from backend.cohorts.services import current_protocol, current_rules
from backend.core.errors import Conflict
from backend.features.models import FeatureSet, Recipe, Source
from backend.imaging.models import Case
from backend.jobs.models import Job, JobKind
from backend.jobs.selectors import latest_job
from backend.jobs.services import enqueue_job

NO_MAJORITY = "No voxel was drawn by more than half of the readers: an adjudicator must draw the consensus."
TUMOUR_SOURCES = (Source.TUMOUR_CT, Source.TUMOUR_PET)
BAT_SOURCES = (Source.BAT_CT, Source.BAT_PET)


@dataclass(frozen=True, kw_only=True)
class RoiForFeatures:
    """The mask that features are made from; without one, ``reason`` says why there can be none."""

    mask: Mask | None
    consensus: Consensus | None = None
    reason: str = ""
    is_unsigned_rule: bool = False


@dataclass(frozen=True, kw_only=True)
class ExtractedSource:
    """What the worker found for one source. ``values`` is None where ``reason`` is given."""

    source: str
    recipe_settings: dict
    recipe_sha256: str
    feature_names: tuple[str, ...]
    inputs: dict
    roi: RoiForFeatures
    values: np.ndarray | None
    reason: str = ""
    warnings: tuple[str, ...] = field(default=())


def enqueue_extraction(
    case: Case, *, roi: str = "consensus", actor: User | None = None, parent: Job | None = None
) -> Job:
    """Queues the extraction of a case's sources from its consensus (or automatic) ROI."""
    if roi == "consensus":
        tumour_roi(case)
    return enqueue_job(
        kind=JobKind.EXTRACT_FEATURES,
        subject=case,
        subject_title=case.patient.pseudonym,
        cohort_uuid=case.patient.cohort_id,
        parameters={"roi": roi},
        created_by=actor,
        parent=parent,
    )


def tumour_roi(case: Case) -> RoiForFeatures:
    """The consensus on the tumour. Raises Conflict where nothing is settled yet."""
    consensus = current_consensus(case, Target.TUMOUR)
    if consensus is None:
        raise Conflict(f"Case {case.patient.pseudonym} has no consensus ROI yet: build the consensus first.")
    if not consensus.is_signed and current_rules(case.patient.cohort).unsigned_consensus_in_features == "refused":
        raise Conflict(
            f"The consensus of {case.patient.pseudonym} is unsigned, and the protocol makes features from signed ones "
            "alone: an adjudicator signs it first."
        )
    if consensus.outcome != Outcome.LESIONS:
        reason = f"The readers settled on: {consensus.get_outcome_display().lower()}."
        return RoiForFeatures(mask=None, consensus=consensus, reason=reason)
    if consensus.mask is None:
        return RoiForFeatures(mask=None, consensus=consensus, reason=NO_MAJORITY)
    return RoiForFeatures(mask=consensus.mask, consensus=consensus)


def bat_roi(case: Case) -> RoiForFeatures:
    """The signed brown-fat mask; else the rule's own, marked as unsigned; else why there is none."""
    consensus = current_consensus(case, Target.BAT)
    if consensus and consensus.is_signed:
        reason = "" if consensus.mask else f"The reader settled on: {consensus.get_outcome_display().lower()}."
        return RoiForFeatures(mask=consensus.mask, consensus=consensus, reason=reason)
    rule = bat_rule_mask(case)
    if rule:
        return RoiForFeatures(mask=rule, is_unsigned_rule=True)
    job = latest_job(kind=JobKind.PROPOSE_BAT, subject_id=str(case.pk))
    if job is None or not job.is_over:
        raise Conflict(f"Brown fat of {case.patient.pseudonym} has not been looked for yet: wait for that job.")
    return RoiForFeatures(mask=None, reason=job.message or "No brown-fat mask was made.")


def inputs_digest(inputs: dict) -> str:
    """The hash that names an extraction: equal inputs give equal features, so they are kept once."""
    return hashlib.sha256(json.dumps(inputs, sort_keys=True, default=str).encode()).hexdigest()


def record_feature_sets(case: Case, extracted: list[ExtractedSource], *, roi: str) -> list[FeatureSet]:
    """Writes one FeatureSet per source, once for equal inputs. Must run inside ``completing``."""
    rows = [_record(case, source, roi) for source in extracted]
    record_audit(
        action="features.record",
        subject=case,
        cohort_uuid=case.patient.cohort_id,
        after={row.source: row.sha256 or row.reason for row in rows},
    )
    return rows


def _record(case: Case, extracted: ExtractedSource, roi: str) -> FeatureSet:
    recipe, _ = Recipe.objects.get_or_create(
        sha256=extracted.recipe_sha256,
        defaults={
            "name": extracted.recipe_settings["name"],
            "settings": extracted.recipe_settings,
            "feature_names": list(extracted.feature_names),
        },
    )
    values = None if extracted.values is None else [float(value) for value in extracted.values]
    row, _ = FeatureSet.objects.update_or_create(
        case=case,
        source=extracted.source,
        roi=roi,
        inputs_sha256=inputs_digest({**extracted.inputs, "recipe": extracted.recipe_sha256}),
        defaults={
            "recipe": recipe,
            "mask": extracted.roi.mask,
            "consensus": extracted.roi.consensus,
            "values": values,
            "sha256": "" if values is None else hashlib.sha256(np.asarray(values, "<f8").tobytes()).hexdigest(),
            "reason": extracted.reason,
            "warnings": list(extracted.warnings),
            "is_unsigned_rule": extracted.roi.is_unsigned_rule,
            "crop_xy_voxels": extracted.inputs.get("crop_xy_voxels"),
            "recorded_at": timezone.now(),
            "protocol_number": current_protocol(case.patient.cohort).number,
        },
    )
    return row
