"""What a training process is told: folders and settings, as a JSON file."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from worker.compute.segmentation.settings import SegmentationSettings

WORK_FOLDER = "work"
OUT_OF_FOLD_FOLDER = "out_of_fold"


@dataclass(frozen=True, kw_only=True)
class TrainingSpec:
    """One training: where the cases are, where the model goes, and how to train."""

    dataset_dir: Path
    out_dir: Path
    settings: SegmentationSettings

    @property
    def work_dir(self) -> Path:
        """Preprocessed data and the state that resuming needs; removed when the training is done."""
        return self.out_dir / WORK_FOLDER

    @property
    def out_of_fold_dir(self) -> Path:
        return self.out_dir / OUT_OF_FOLD_FOLDER

    @property
    def prepared_path(self) -> Path:
        """Says which dataset and settings the work folder was prepared for, with the folds."""
        return self.work_dir / "prepared.json"

    def fold_result_path(self, fold: int) -> Path:
        return self.work_dir / f"fold_{fold}" / "result.json"

    def save(self, path: Path) -> None:
        content = {
            "dataset_dir": str(self.dataset_dir.resolve()),
            "out_dir": str(self.out_dir.resolve()),
            "settings": self.settings.to_json(),
        }
        path.write_text(json.dumps(content, indent=1))

    @classmethod
    def load(cls, path: Path) -> Self:
        value = json.loads(path.read_text())
        return cls(
            dataset_dir=Path(value["dataset_dir"]),
            out_dir=Path(value["out_dir"]),
            settings=SegmentationSettings.from_json(value["settings"]),
        )
