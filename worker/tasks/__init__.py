"""The tasks of PETRA, one module per job kind."""

import importlib
import pkgutil


def load_tasks() -> None:
    """Imports every module here, which registers its task."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
