"""The manifest of a model folder: PETRA loads only files that it wrote, and knows which cases a fold never saw."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from worker.compute.errors import ComputeError, UnreadableInput
from worker.compute.segmentation.atomic import write_text_atomically

MANIFEST_FILE = "petra_model.json"
FORMAT = "petra-nnunet-model/1"
CHECKPOINT_FILE = "checkpoint_best.pth"


@dataclass(frozen=True, kw_only=True)
class ModelManifest:
    """What ``petra_model.json`` says: settings, folds with their cases, and the SHA-256 of each file."""

    settings: dict
    folds: list[dict[str, list[str]]]
    best_dice: list[float | None]
    files: dict[str, str]
    case_sha256: dict[str, list[str]]
    versions: dict[str, str]

    def folds_without(self, case: str) -> list[int]:
        """The folds whose training did not see the case; all of them for a case from outside."""
        return [number for number, fold in enumerate(self.folds) if case not in fold["train"]]


def file_sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def model_files(folds: int) -> list[str]:
    """The files that a prediction reads, relative to the model folder."""
    return ["plans.json", "dataset.json", *(f"fold_{k}/{CHECKPOINT_FILE}" for k in range(folds))]


def write_manifest(model_dir: Path, manifest: ModelManifest) -> None:
    content = {"format": FORMAT, **vars(manifest)}
    write_text_atomically(model_dir / MANIFEST_FILE, json.dumps(content, indent=1, sort_keys=True))


def read_verified_manifest(model_dir: Path, manifest_sha256: str | None = None) -> ModelManifest:
    """The manifest, after every file that it names was hashed and found unchanged.

    ``manifest_sha256`` is the digest that was recorded when the model was made; a caller who kept it cannot be handed
    another folder. Raises UnreadableInput for a folder without manifest, ComputeError for a changed or foreign file.
    """
    path = model_dir / MANIFEST_FILE
    if not path.is_file():
        raise UnreadableInput(f"{model_dir} has no {MANIFEST_FILE}; only models that PETRA trained are loaded.")
    if manifest_sha256 is not None and file_sha256(path) != manifest_sha256:
        raise ComputeError(f"{path} is not the manifest that was recorded for this model; restore the model folder.")
    manifest = _parse(path)
    for name in sorted(set(model_files(len(manifest.folds))) - manifest.files.keys()):
        raise ComputeError(f"{path} does not vouch for {name}; only models that PETRA trained are loaded.")
    for name, expected in manifest.files.items():
        file_path = model_dir / name
        if not file_path.is_file():
            raise UnreadableInput(f"{name} is missing in {model_dir}; restore the model folder.")
        if file_sha256(file_path) != expected:
            raise ComputeError(f"{name} in {model_dir} is not the file that PETRA wrote; restore the model folder.")
    return manifest


def _parse(path: Path) -> ModelManifest:
    try:
        content = json.loads(path.read_text())
        if content.pop("format") != FORMAT:
            raise ValueError("another format")
        return ModelManifest(**content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableInput(
            f"{path} is not a manifest of {FORMAT}; only models that PETRA trained are loaded."
        ) from error
