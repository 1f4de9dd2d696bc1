"""Whether features still stand on what counts now: the consensus, the brown fat, the PET's place and the recipe."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.annotations.models import Consensus, ConsensusReopening, Mask, MaskSource, Target
from backend.cohorts.models import Cohort
from backend.cohorts.protocol import ProtocolRules
from backend.cohorts.services import current_protocol
from backend.features.models import FeatureSet, Source
from backend.imaging.models import CaseOffset

# What can have happened, in the words of a badge: one case, and n cases.
WORDS = {
    "withdrawn": ("the patient withdrew", "{n} patients of it withdrew"),
    "reopened": ("its consensus was reopened", "consensus of {n} cases was reopened"),
    "changed": ("its consensus changed", "consensus of {n} cases changed"),
    "gone": ("no consensus stands any more", "consensus of {n} cases stands no longer"),
    "brown_fat": ("its brown fat changed", "brown fat of {n} cases changed"),
    "moved": ("its PET was moved", "the PET of {n} cases was moved"),
    "recipe": ("the protocol's recipe changed", "the protocol's recipe changed for {n} cases"),
}


@dataclass(frozen=True, kw_only=True)
class Change:
    """Something that results do not know yet: a key of ``WORDS``, and when it happened."""

    what: str
    at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What counts now for the cases asked about; ``named`` is (outcome, mask) of the consensuses results stand on."""

    rules: ProtocolRules
    rules_since: datetime
    consensuses: dict[tuple[UUID, str], Consensus]
    reopenings: dict[UUID, ConsensusReopening]
    named: dict[UUID, tuple[str, str]]
    brown_fat_by_rule: dict[UUID, Mask]
    offsets: dict[UUID, CaseOffset]

    def consensus_change(self, case_id: UUID, consensus_id: UUID | None) -> Change | None:
        """How the tumour's consensus differs from the one named; the same mask signed again is the same."""
        current = self.consensuses.get((case_id, Target.TUMOUR))
        if (current.pk if current else None) == consensus_id:
            return None
        reopening = self.reopenings.get(consensus_id) if consensus_id else None
        if current is None:
            return Change(what="reopened" if reopening else "gone", at=reopening.created_at if reopening else None)
        if reopening and not current.is_signed:
            return Change(what="reopened", at=reopening.created_at)
        if consensus_id and self.named.get(consensus_id) == _content(current):
            return None
        return Change(what="reopened" if reopening else "changed", at=(reopening or current).created_at)


def _content(consensus: Consensus) -> tuple[str, str]:
    return consensus.outcome, consensus.mask.sha256 if consensus.mask else ""


def standing_of(cohort: Cohort, case_ids: Iterable[UUID], named: Iterable[UUID | None]) -> Standing:
    """Reads it in a constant number of queries; ``named`` are the consensuses that results stand on."""
    case_ids, named = set(case_ids), {one for one in named if one}
    rows = Consensus.objects.standing().filter(case__in=case_ids).select_related("mask")
    newest = rows.order_by("case_id", "target", "-created_at").distinct("case_id", "target")
    rules = Mask.objects.filter(case__in=case_ids, target=Target.BAT, source=MaskSource.BAT_RULE)
    offsets = CaseOffset.objects.filter(case__in=case_ids).order_by("case_id", "-created_at").distinct("case_id")
    protocol = current_protocol(cohort)
    contents = Consensus.objects.filter(pk__in=named).select_related("mask")
    return Standing(
        rules=ProtocolRules.from_json(protocol.rules),
        rules_since=protocol.created_at,
        consensuses={(row.case_id, row.target): row for row in newest},
        reopenings={row.consensus_id: row for row in ConsensusReopening.objects.filter(consensus__in=named)},
        named={row.pk: _content(row) for row in contents},
        brown_fat_by_rule={row.case_id: row for row in rules.order_by("case_id", "-created_at").distinct("case_id")},
        offsets={row.case_id: row for row in offsets},
    )


def changes_of(row: FeatureSet, standing: Standing) -> list[Change]:
    """Everything that happened to what a feature set was made from."""
    found = [_recipe_change(row, standing), _moved(row, standing)]
    if row.roi == "consensus":
        is_tumour = row.source in (Source.TUMOUR_CT, Source.TUMOUR_PET)
        found.append(
            standing.consensus_change(row.case_id, row.consensus_id) if is_tumour else _brown_fat_change(row, standing)
        )
    return [change for change in found if change]


def _recipe_change(row: FeatureSet, standing: Standing) -> Change | None:
    rules, settings = standing.rules, row.recipe.settings
    width = rules.ct_bin_width_hu if row.source.endswith("_ct") else rules.pet_bin_width_suv_bw
    differs = (
        settings.get("bin_width", width) != width
        or list(settings.get("log_sigmas_mm", rules.log_sigmas_mm)) != list(rules.log_sigmas_mm)
        or row.crop_xy_voxels not in (None, rules.crop_xy_voxels)
    )
    return Change(what="recipe", at=standing.rules_since) if differs else None


def _moved(row: FeatureSet, standing: Standing) -> Change | None:
    offset = standing.offsets.get(row.case_id)
    return Change(what="moved", at=offset.created_at) if offset and offset.created_at > row.recorded_at else None


def _brown_fat_change(row: FeatureSet, standing: Standing) -> Change | None:
    signed = standing.consensuses.get((row.case_id, Target.BAT))
    if signed and signed.is_signed:
        mask_id, at = signed.mask_id, signed.created_at
    else:
        rule = standing.brown_fat_by_rule.get(row.case_id)
        if rule is None:
            return None
        mask_id, at = rule.pk, rule.created_at
    return None if mask_id == row.mask_id else Change(what="brown_fat", at=at)


def standing_of_sets(cohort: Cohort, rows: list[FeatureSet]) -> Standing:
    return standing_of(cohort, {row.case_id for row in rows}, {row.consensus_id for row in rows})
