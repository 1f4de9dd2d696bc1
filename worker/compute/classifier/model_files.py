"""A model on disk: model.json (what it is) and model.safetensors (its numbers). Never a pickle, which can run code."""

import json
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from worker.compute.classifier.ensemble import Ensemble
from worker.compute.classifier.preparation import Preparation, SourcePreparation
from worker.compute.classifier.settings import ALGORITHM_VERSION, TrainingSettings
from worker.compute.classifier.training import Network
from worker.compute.errors import UnreadableInput
from worker.compute.tables import FeatureTable

MODEL_JSON = "model.json"
TENSORS = "model.safetensors"
FORMAT = "petra-radiomic-transformer"
REFIT = "refit"


def save_ensemble(ensemble: Ensemble, folder: Path) -> None:
    """Writes the model's two files into ``folder``, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    networks = {f"fold_{i}": network for i, network in enumerate(ensemble.members)}
    if ensemble.refit is not None:
        networks[REFIT] = ensemble.refit
    description = {
        "format": FORMAT,
        "name": ensemble.name,
        "sources": list(ensemble.sources),
        "settings": ensemble.members[0].settings.to_json(),
        "networks": {key: _feature_names(network.preparation) for key, network in networks.items()},
    }
    tensors = {f"{key}/{name}": a for key, n in networks.items() for name, a in _arrays(n).items()}
    save_file({name: np.ascontiguousarray(array) for name, array in tensors.items()}, folder / TENSORS)
    (folder / MODEL_JSON).write_text(json.dumps(description, indent=1))


def _feature_names(preparation: Preparation) -> dict[str, list[str]]:
    return {source.source: list(source.names) for source in preparation.sources}


def _arrays(network: Network) -> dict[str, np.ndarray]:
    arrays = {f"state/{name}": array for name, array in network.state.items()}
    for source in network.preparation.sources:
        arrays[f"center/{source.source}"] = source.center
        arrays[f"scale/{source.source}"] = source.scale
    return arrays


def load_ensemble(folder: Path) -> Ensemble:
    """Reads what ``save_ensemble`` wrote; predictions are bit for bit those of the trained model.

    Raises UnreadableInput when a file is missing, damaged, or made by another version of the algorithm.
    """
    try:
        description = json.loads((folder / MODEL_JSON).read_text())
        tensors = load_file(folder / TENSORS)
        version = description["settings"]["algorithm_version"]
        if description["format"] != FORMAT or version != ALGORITHM_VERSION:
            raise UnreadableInput(
                f"{folder.name} holds a model of version {version}, but this program reads {ALGORITHM_VERSION}: "
                "train it again."
            )
        settings = TrainingSettings.from_json(description["settings"])
        networks = {k: _network(k, names, tensors, settings) for k, names in description["networks"].items()}
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise UnreadableInput(
            f"{folder.name} is not a complete model folder ({error}): train the model again."
        ) from error
    refit = networks.pop(REFIT, None)
    return Ensemble(
        name=description["name"],
        sources=tuple(description["sources"]),
        members=tuple(networks.values()),
        refit=refit,
    )


def _network(
    key: str, names: dict[str, list[str]], tensors: dict[str, np.ndarray], settings: TrainingSettings
) -> Network:
    sources = tuple(
        SourcePreparation(
            source=source,
            names=tuple(columns),
            center=tensors[f"{key}/center/{source}"],
            scale=tensors[f"{key}/scale/{source}"],
        )
        for source, columns in names.items()
    )
    prefix = f"{key}/state/"
    state = {name.removeprefix(prefix): a for name, a in tensors.items() if name.startswith(prefix)}
    return Network(preparation=Preparation(sources=sources), settings=settings, state=state)


def predict(folder: Path, table: FeatureTable) -> np.ndarray:
    """Probabilities (n,) of the positive class by the model in ``folder``; NaN for rows without any of its sources."""
    return load_ensemble(folder).predict(table)
