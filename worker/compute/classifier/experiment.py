"""All models of the paper on one table: five folds each, the sealed test set, and the baselines on the same folds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from worker.compute.classifier.baselines import CLINICAL_ONLY, ORGAN_ONLY, Baseline
from worker.compute.classifier.deep_features import embed_everyone
from worker.compute.classifier.ensemble import Ensemble, rows_with_source
from worker.compute.classifier.results import (
    TEST,
    VALIDATION,
    CasePrediction,
    ExperimentResult,
    FoldResult,
    ModelResult,
)
from worker.compute.classifier.settings import TrainingSettings
from worker.compute.classifier.training import EpochLoss, Network, train_network
from worker.compute.errors import InsufficientData
from worker.compute.metrics import evaluate
from worker.compute.splits import Split, make_split
from worker.compute.tables import CLINICAL, FeatureTable
from worker.compute.types import ProgressCallback, ignore_progress

COMBINED = "combined"
TRANSFORMER = "transformer"
LOGISTIC = "logistic"
REFIT_STREAM = 1000
"""Number of the random stream of the refit, apart from those of the folds."""

Probabilities = Callable[[FeatureTable], np.ndarray]


@dataclass(frozen=True, eq=False)
class _Fitted:
    """One fold's trained predictor."""

    predict: Probabilities
    curve: tuple[EpochLoss, ...] = ()
    selected: tuple[str, ...] = ()
    network: Network | None = None


def model_sources(table: FeatureTable) -> dict[str, tuple[str, ...]]:
    """Model name → sources: one per image source and, where there is more than one source, all of them combined."""
    images = [name for name in table.sources if name != CLINICAL]
    models = {name: (name,) for name in images}
    if len(table.sources) > 1 and images:
        models[COMBINED] = tuple(table.sources)
    return models or {CLINICAL: (CLINICAL,)}


def baselines_of(table: FeatureTable) -> list[Baseline]:
    """A logistic regression per model, and what the organ and the clinical values tell without any image."""
    found = [Baseline(name=f"{LOGISTIC}_{name}", sources=s) for name, s in model_sources(table).items()]
    if CLINICAL in table.sources:
        found.append(Baseline(name=CLINICAL_ONLY, sources=(CLINICAL,)))
    if len(set(table.cancer_types)) > 1:
        found.append(Baseline(name=ORGAN_ONLY, sources=()))
    return found


def run_experiment(
    table: FeatureTable,
    *,
    seed: int,
    split: Split | None = None,
    settings: TrainingSettings | None = None,
    progress: ProgressCallback = ignore_progress,
) -> ExperimentResult:
    """Trains everything; the same table, split, settings and seed give the same numbers.

    ``split`` names the groups of the table; without one it is drawn here. A model whose source too few patients have
    is skipped with a sentence. Raises InsufficientData when no model can be trained.
    """
    settings = settings or TrainingSettings()
    split = split or make_split(table.groups, table.cancer_types, list(table.labels), seed=seed)
    specs, baselines = model_sources(table), baselines_of(table)
    total = len(specs) + 1
    models: dict[str, ModelResult] = {}
    ensembles: dict[str, Ensemble] = {}
    skipped: dict[str, str] = {}
    for done, (name, sources) in enumerate(specs.items()):
        rows = rows_with_source(table, sources)
        if reason := _too_few(table, rows, split, name):
            skipped[name] = reason
            continue

        def watch(fraction: float, step: str, done: int = done) -> None:
            progress((done + fraction) / total, step)

        models[name], ensembles[name] = _train_model(name, sources, table.rows(rows), split, settings, seed, watch)
    if not models:
        raise InsufficientData(next(iter(skipped.values())))
    progress((total - 1) / total, "baselines and deep features")
    richest = ensembles.get(COMBINED) or next(iter(ensembles.values()))
    return ExperimentResult(
        target=table.target,
        split=split,
        settings=settings,
        seed=seed,
        models=models,
        baselines=_run_baselines(baselines, table, split, settings, seed),
        ensembles=ensembles,
        deep_features=embed_everyone(richest, table, split) if richest.refit else None,
        skipped=skipped,
        warnings=(*table.warnings, *split.warnings),
    )


def stream_seed(seed: int, name: str, fold: int) -> int:
    """An independent seed for each model and fold."""
    sequence = np.random.SeedSequence([seed, fold, *name.encode()])
    return int(sequence.generate_state(1)[0])


def fold_parts(table: FeatureTable, split: Split, fold: int) -> tuple[FeatureTable, FeatureTable]:
    """Training and validation rows of one fold; the test set is in neither."""
    folds = np.array([split.fold_by_id.get(group, -1) for group in table.groups])
    return table.rows((folds >= 0) & (folds != fold)), table.rows(folds == fold)


def _test_part(table: FeatureTable, split: Split) -> FeatureTable:
    sealed = set(split.test_ids)
    return table.rows(np.array([group in sealed for group in table.groups]))


def _too_few(table: FeatureTable, rows: np.ndarray, split: Split, name: str) -> str | None:
    held = table.rows(rows)
    for fold in range(split.folds):
        train, _ = fold_parts(held, split, fold)
        if len({*train.labels}) < 2 or np.bincount(train.labels).min() < 2:
            return (
                f"The model {name} was not trained: only {len(held)} of {len(table)} cases have its features, "
                f"and fold {fold + 1} is left with fewer than two of a class."
            )
    return None


def _train_model(
    name: str,
    sources: tuple[str, ...],
    table: FeatureTable,
    split: Split,
    settings: TrainingSettings,
    seed: int,
    progress: ProgressCallback,
) -> tuple[ModelResult, Ensemble]:
    def fit(train: FeatureTable, validation: FeatureTable | None, fold: int) -> _Fitted:
        progress(min(fold, split.folds) / (split.folds + 1), f"model {name}, fold {fold + 1} of {split.folds}")
        trained = train_network(train, sources, settings, seed=stream_seed(seed, name, fold), validation=validation)
        if trained is None:
            raise InsufficientData(f"No feature of {name} varies between the training patients of fold {fold + 1}.")
        network, curve = trained
        return _Fitted(network.probabilities, curve, network.preparation.token_names, network)

    fitted = [fit(*fold_parts(table, split, fold), fold) for fold in range(split.folds)]
    in_folds = np.array([group in split.fold_by_id for group in table.groups])
    refit = fit(table.rows(in_folds), None, REFIT_STREAM).network
    members = tuple(f.network for f in fitted if f.network is not None)
    ensemble = Ensemble(name=name, sources=sources, members=members, refit=refit)
    return _evaluate(name, TRANSFORMER, sources, fitted, table, split, seed), ensemble


def _run_baselines(
    baselines: Sequence[Baseline], table: FeatureTable, split: Split, settings: TrainingSettings, seed: int
) -> dict[str, ModelResult]:
    """Baselines that can be fitted in every fold, on the cases that have their sources."""
    results = {}
    for baseline in baselines:
        held = table.rows(rows_with_source(table, baseline.sources)) if baseline.sources else table
        if _too_few(held, np.ones(len(held), dtype=bool), split, baseline.name):
            continue
        predictors = [baseline.fit(fold_parts(held, split, fold)[0], settings) for fold in range(split.folds)]
        fitted = [_Fitted(predict) for predict in predictors if predict is not None]
        if len(fitted) == split.folds:
            results[baseline.name] = _evaluate(baseline.name, LOGISTIC, baseline.sources, fitted, held, split, seed)
    return results


def _evaluate(
    name: str,
    kind: str,
    sources: tuple[str, ...],
    fitted: Sequence[_Fitted],
    table: FeatureTable,
    split: Split,
    seed: int,
) -> ModelResult:
    """Each fold's predictor on the patients it did not see, and the mean of all of them on the sealed test set."""
    folds, predictions = [], []
    for fold, one in enumerate(fitted):
        train, validation = fold_parts(table, split, fold)
        probabilities = one.predict(validation) if len(validation) else np.zeros(0)
        predictions += _cases(validation, VALIDATION, fold, probabilities)
        evaluation = evaluate(validation.labels, probabilities, seed=seed)
        folds.append(
            FoldResult(fold=fold, n_train=len(train), curve=one.curve, selected=one.selected, validation=evaluation)
        )
    test = _test_part(table, split)
    mean = np.mean([one.predict(test) for one in fitted], axis=0) if len(test) else np.zeros(0)
    predictions += _cases(test, TEST, None, mean)
    return ModelResult(
        name=name,
        kind=kind,
        sources=sources,
        folds=tuple(folds),
        test=evaluate(test.labels, mean, seed=seed),
        predictions=tuple(predictions),
    )


def _cases(table: FeatureTable, part: str, fold: int | None, probabilities: np.ndarray) -> list[CasePrediction]:
    return [
        CasePrediction(case_id=i, group=g, part=part, fold=fold, label=int(y), probability=float(p))
        for i, g, y, p in zip(table.ids, table.groups, table.labels, probabilities, strict=True)
    ]
