"""A training's events as one fraction and one sentence, also where several folds train at once."""

from worker.compute.types import ProgressCallback

PREPARATION_SHARE = 0.15
EPOCHS_SHARE_OF_FOLD = 0.8


class TrainingProgress:
    """Called with each event; calls ``on_progress`` with the fraction done (never falling) and the step in words."""

    def __init__(self, on_progress: ProgressCallback) -> None:
        self.on_progress = on_progress
        self.fraction = 0.0
        self.folds = 1
        self.fold_shares: dict[int, float] = {}

    def __call__(self, event: dict) -> None:
        handler = getattr(self, f"_on_{event['event']}", None)
        if handler is None:
            return
        step = handler(event)
        self.on_progress(self.fraction, step)

    def _on_step(self, event: dict) -> str:
        return event["step"]

    def _on_case(self, event: dict) -> str:
        halves = {"measuring": 0.0, "preprocessing": 0.5}
        done = halves[event["step"]] + 0.5 * event["done"] / event["total"]
        self._advance(PREPARATION_SHARE * done)
        return f"{event['step']} case {event['done']} of {event['total']}"

    def _on_prepared(self, event: dict) -> str:
        self.folds = event["folds"]
        self._advance(PREPARATION_SHARE)
        return f"training {self.folds} folds"

    def _on_epoch(self, event: dict) -> str:
        self._fold(event["fold"], EPOCHS_SHARE_OF_FOLD * (event["epoch"] + 1) / event["epochs"])
        dice = "not defined" if event["dice"] is None else f"{event['dice']:.2f}"
        return f"fold {event['fold'] + 1} of {self.folds}, epoch {event['epoch'] + 1} of {event['epochs']}, Dice {dice}"

    def _on_fold_done(self, event: dict) -> str:
        self._fold(event["fold"], 1.0)
        return f"fold {event['fold'] + 1} of {self.folds} is trained"

    def _fold(self, fold: int, share: float) -> None:
        self.fold_shares[fold] = share
        self._advance(PREPARATION_SHARE + (1 - PREPARATION_SHARE) * sum(self.fold_shares.values()) / self.folds)

    def _advance(self, fraction: float) -> None:
        self.fraction = max(self.fraction, min(1.0, fraction))
