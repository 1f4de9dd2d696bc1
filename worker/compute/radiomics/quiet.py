"""PyRadiomics in one thread and in silence: what it would log is kept for an error message instead."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import SimpleITK as sitk
from threadpoolctl import threadpool_limits


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@contextmanager
def pyradiomics_log() -> Iterator[list[str]]:
    """The list that fills with PyRadiomics' warnings and errors; nothing reaches stderr or the root logger."""
    logger = logging.getLogger("radiomics")
    handlers, propagate, collector = logger.handlers[:], logger.propagate, _Collector()
    logger.handlers, logger.propagate = [collector], False
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield collector.messages
    finally:
        logger.handlers, logger.propagate = handlers, propagate


@contextmanager
def single_thread() -> Iterator[None]:
    """One thread for ITK and BLAS: many small matrices run slower on two threads, and workers share the cores."""
    threads = sitk.ProcessObject.GetGlobalDefaultNumberOfThreads()
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    try:
        with threadpool_limits(limits=1):
            yield
    finally:
        sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(threads)


def last_reason(messages: list[str], start: str = "") -> str:
    """The last line of the last message that starts so: of a logged traceback that is the exception itself."""
    lines = [message.strip().splitlines()[-1] for message in messages if message.startswith(start) and message.strip()]
    return lines[-1].rstrip(".") if lines else ""
