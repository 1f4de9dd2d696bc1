"""The lesions of a labelmap as a person named them: checked before they are kept."""

from typing import Any

import numpy as np

from backend.annotations.models import Target
from backend.core.errors import InvalidInput

ROLES = {Target.TUMOUR: ("primary", "node", "metastasis"), Target.BAT: ("bat",)}
NAME_LIMIT, LARGEST_LABEL = 80, 255


def checked_lesions(value: Any, *, target: str) -> list[dict]:
    """``[{label, name, role, site}]`` with labels 1 to 255, each once. Raises InvalidInput."""
    if not isinstance(value, list) or not all(isinstance(lesion, dict) for lesion in value):
        raise InvalidInput("The lesions must be a list of {label, name, role, site}.")
    lesions = [_checked(lesion, target) for lesion in value]
    labels = [lesion["label"] for lesion in lesions]
    if len(set(labels)) < len(labels):
        raise InvalidInput("Two lesions have the same label: give each its own.")
    return lesions


def _checked(lesion: dict, target: str) -> dict:
    label, role = lesion.get("label"), lesion.get("role")
    name, site = lesion.get("name", ""), lesion.get("site", "")
    if not isinstance(label, int) or isinstance(label, bool) or not 1 <= label <= LARGEST_LABEL:
        raise InvalidInput(f"A lesion's label must be a whole number from 1 to {LARGEST_LABEL}.")
    if not isinstance(name, str) or not isinstance(site, str) or max(len(name), len(site)) > NAME_LIMIT:
        raise InvalidInput(f"The name and site of lesion {label} must be texts of at most {NAME_LIMIT} characters.")
    if not name.strip():
        raise InvalidInput(f"Lesion {label} has no name: give it one.")
    if role not in ROLES[Target(target)]:
        raise InvalidInput(f"The role of lesion {label} must be one of: {', '.join(ROLES[Target(target)])}.")
    return {"label": label, "name": name.strip(), "role": role, "site": site.strip()}


def check_labels(label_counts: np.ndarray, lesions: list[dict]) -> None:
    """Raises InvalidInput where voxels are drawn that belong to no lesion. ``label_counts`` as ``count_labels``."""
    strangers = sorted(set(np.flatnonzero(label_counts).tolist()) - {lesion["label"] for lesion in lesions})
    if strangers:
        raise InvalidInput(f"Voxels are drawn with label {strangers[0]}, but no lesion has it: load the case again.")


def empty_lesions(voxels: bytes, lesions: list[dict]) -> list[str]:
    """The names of lesions without a voxel."""
    return [lesion["name"] for lesion in lesions if bytes([lesion["label"]]) not in voxels]
