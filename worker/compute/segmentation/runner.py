"""``python -m worker.compute.segmentation.runner SPEC.json [--folds K …]``: trains in a process of its own.

Events are JSON lines on standard output, nnU-Net's chatter goes to standard error. SIGTERM stops after the running
iteration; the state of the last epoch is on disk, and the same command goes on from there.
"""

import argparse
import contextlib
import ctypes
import os
import signal
import sys
import traceback
from pathlib import Path

from worker.compute.errors import ComputeError, RunCancelled
from worker.compute.segmentation.environment import nnunet_environment
from worker.compute.segmentation.events import EventWriter, take_over_stdout
from worker.compute.segmentation.preparation import prepare
from worker.compute.segmentation.spec import TrainingSpec

CANCELLED_STATUS = 3
FAILED_STATUS = 1
PR_SET_PDEATHSIG = 1


class StopRequest:
    """Whether SIGTERM has come."""

    def __init__(self) -> None:
        self.requested = False
        signal.signal(signal.SIGTERM, self._note)

    def _note(self, *_: object) -> None:
        self.requested = True

    def __call__(self) -> bool:
        return self.requested


def die_with_parent() -> None:
    """Asks Linux for SIGTERM when the parent dies, so that a killed worker leaves no training behind."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6", use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == 1:
        sys.exit(CANCELLED_STATUS)


@contextlib.contextmanager
def reported_errors(emit: EventWriter):
    """Turns an error into an event with its sentence, and the process's exit status."""
    try:
        yield
    except RunCancelled as stopped:
        emit("cancelled", message=str(stopped))
        sys.exit(CANCELLED_STATUS)
    except ComputeError as error:
        emit("error", kind=type(error).__name__, message=str(error))
        sys.exit(FAILED_STATUS)
    except Exception as error:
        traceback.print_exc()
        emit("error", kind="ComputeError", message=f"nnU-Net failed with {type(error).__name__}: {error}; see its log.")
        sys.exit(FAILED_STATUS)


def run(spec: TrainingSpec, fold_numbers: list[int] | None, emit: EventWriter, is_stopped: StopRequest) -> None:
    """Prepares where that is not done, then trains the folds that were asked for (None: all)."""
    os.environ.update(nnunet_environment(spec.work_dir, spec.settings.data_processes))
    folds = prepare(spec, emit, is_stopped)["folds"]
    emit("prepared", folds=len(folds))
    chosen = range(len(folds)) if fold_numbers is None else fold_numbers
    if not chosen:
        return
    import torch

    from worker.compute.segmentation.fold_training import train_fold

    torch.set_num_threads(1)
    for fold in chosen:
        train_fold(spec, fold, folds[fold]["val"], emit, is_stopped)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m worker.compute.segmentation.runner")
    parser.add_argument("spec", type=Path)
    parser.add_argument("--folds", type=int, nargs="*")
    args = parser.parse_args(arguments)
    die_with_parent()
    is_stopped = StopRequest()
    emit = EventWriter(take_over_stdout())
    with reported_errors(emit):
        emit("started", pid=os.getpid())
        run(TrainingSpec.load(args.spec), args.folds, emit, is_stopped)
        emit("done")


if __name__ == "__main__":
    main()
