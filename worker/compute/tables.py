"""A feature table (CSV) read into sources: column prefixes say which region and modality a feature comes from."""

import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from worker.compute.errors import InsufficientData, UnreadableInput

IMAGE_SOURCES = ("tumour_ct", "tumour_pet", "bat_ct", "bat_pet")
"""The four radiomic sources of the paper (section 2.5)."""

CLINICAL = "clinical"
UNPREFIXED = "radiomics"
"""The name of the one source of a table without prefixes."""

SEPARATOR = "__"
ID_COLUMNS = ("patient_id", "case_id", "patient", "case", "id", "subject")
CANCER_COLUMN = "cancer_type"
POSITIVE_WORDS = frozenset({"1", "true", "yes", "positive", "pos", "mutated", "mutant", "abnormal"})
NEGATIVE_WORDS = frozenset({"0", "false", "no", "negative", "neg", "wild-type", "wildtype", "wild type", "normal"})
MOLECULAR_STAGE = r"(?i)^(?:IV|I{1,3})[A-C]?[1-3]?m(?:p53abn|POLEmut|MMRd|NSMP)$"
"""An addition of endometrial FIGO 2023: it names the p53 state or excludes it."""

MISSING_WORDS = frozenset({"", "na", "n/a", "nan", "none", "null", "-"})


@dataclass(frozen=True, kw_only=True, eq=False)
class Source:
    """Features of one region and modality: ``values`` float64 (rows, features), NaN where a value is missing."""

    names: tuple[str, ...]
    values: np.ndarray

    @property
    def present(self) -> np.ndarray:
        """Rows that have this source at all; a patient without BAT voxels has not."""
        return np.isfinite(self.values).any(axis=1)


@dataclass(frozen=True, kw_only=True, eq=False)
class FeatureTable:
    """One row per case. ``labels`` are 0 or 1, or -1 throughout when no target was asked for."""

    ids: tuple[str, ...]
    groups: tuple[str, ...]
    cancer_types: tuple[str, ...]
    labels: np.ndarray
    sources: dict[str, Source]
    target: str = ""
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, index: np.ndarray | Sequence[int]) -> "FeatureTable":
        """The same table with the rows of an index or boolean array."""
        positions = np.arange(len(self))[np.asarray(index)]
        return replace(
            self,
            ids=tuple(self.ids[i] for i in positions),
            groups=tuple(self.groups[i] for i in positions),
            cancer_types=tuple(self.cancer_types[i] for i in positions),
            labels=self.labels[positions],
            sources={k: Source(names=s.names, values=s.values[positions]) for k, s in self.sources.items()},
        )


def read_table(path: Path, *, target: str | None = None, group: str | None = None) -> FeatureTable:
    """Reads a CSV (gzip too) into a FeatureTable.

    Raises UnreadableInput with one sentence for what the file, a column or a cell does not fulfil.
    """
    if not Path(path).is_file():
        raise UnreadableInput(f"There is no file {path}: give the path of a CSV table.")
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        # pandas renames the second of two equal columns to NAME.1, which other tables have as a name of their own.
        header = pd.read_csv(path, dtype=str, keep_default_na=False, header=None, nrows=1)
    except (ValueError, OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        said = " ".join(str(error).split()).rstrip(".")
        raise UnreadableInput(
            f"{Path(path).name} is not a CSV table that can be read ({said}): export it as comma-separated UTF-8 text."
        ) from error
    if len(header.columns) == len(frame.columns):
        frame.columns = pd.Index([name or kept for name, kept in zip(header.iloc[0], frame.columns, strict=True)])
    return table_from_frame(frame, target=target, group=group)


def table_from_frame(frame: pd.DataFrame, *, target: str | None = None, group: str | None = None) -> FeatureTable:
    """The FeatureTable of a data frame whose columns are named as in the CSV; ``read_table`` says what is refused."""
    _check_shape(frame)
    for column, role in ((target, "target"), (group, "group")):
        if column is not None and column not in frame.columns:
            raise UnreadableInput(
                f"The table has no column {column!r} for the {role}: its columns begin with {_some(frame.columns)}."
            )
    warnings: list[str] = []
    labels = np.full(len(frame), -1) if target is None else _labels(frame[target], target)
    if (unlabelled := labels == -2).any():
        warnings.append(f"{int(unlabelled.sum())} rows without {target} were left out.")
        frame, labels = frame[~unlabelled].reset_index(drop=True), labels[~unlabelled]
    id_column = next((c for c in frame.columns if c.lower() in ID_COLUMNS), None)
    ids = _identifiers(frame, id_column)
    groups = _identifiers(frame, group) if group else ids
    if group is None and len(set(ids)) < len(ids):
        warnings.append(
            f"Some values of {id_column} occur more than once: their rows are kept on one side of every split."
        )
    cancer_column = next((c for c in frame.columns if c.lower() == CANCER_COLUMN), None)
    cancers = tuple(frame[cancer_column].astype(str).fillna("")) if cancer_column else ("",) * len(frame)
    taken = {target, group, id_column, cancer_column}
    sources = _sources(frame[[c for c in frame.columns if c not in taken]], warnings)
    return FeatureTable(
        ids=ids,
        groups=groups,
        cancer_types=cancers,
        labels=labels,
        sources=sources,
        target=target or "",
        warnings=tuple(warnings),
    )


def _check_shape(frame: pd.DataFrame) -> None:
    if frame.empty:
        raise InsufficientData("The table has no rows: give one row per patient.")
    doubled = frame.columns[frame.columns.duplicated()]
    if len(doubled):
        raise UnreadableInput(f"The column {doubled[0]!r} occurs twice: name every column once.")


def _some(columns: Sequence[str]) -> str:
    return ", ".join(str(c) for c in list(columns)[:5])


def _labels(column: pd.Series, target: str) -> np.ndarray:
    """1, 0, or -2 where the cell is empty."""
    words = column.astype(str).fillna("").str.strip().str.lower().str.replace(r"^(-?\d+)\.0+$", r"\1", regex=True)
    values = sorted(set(words) - MISSING_WORDS)
    if not values:
        raise InsufficientData(f"No row has a value of {target}: add the labels before training.")
    unknown = [v for v in values if v not in POSITIVE_WORDS | NEGATIVE_WORDS]
    if unknown:
        raise UnreadableInput(
            f"The target {target} must be binary (0 or 1), but holds "
            f"{', '.join(repr(v) for v in unknown[:4])}: recode it."
        )
    return np.select([words.isin(POSITIVE_WORDS), words.isin(NEGATIVE_WORDS)], [1, 0], default=-2)


def _identifiers(frame: pd.DataFrame, column: str | None) -> tuple[str, ...]:
    if column is None:
        return tuple(f"row-{i + 1:04d}" for i in range(len(frame)))
    if not _written(frame[column]).all():
        raise UnreadableInput(f"Some rows have no {column}: every row needs the patient it belongs to.")
    return tuple(frame[column].astype(str))


def _sources(frame: pd.DataFrame, warnings: list[str]) -> dict[str, Source]:
    prefixes = {name: f"{name}{SEPARATOR}" for name in (*IMAGE_SOURCES, CLINICAL)}
    found = {name: [c for c in frame.columns if str(c).startswith(p)] for name, p in prefixes.items()}
    sources = {name: _numeric_source(frame[columns]) for name, columns in found.items() if columns and name != CLINICAL}
    if found[CLINICAL]:
        sources[CLINICAL] = _clinical_source(frame[found[CLINICAL]])
    if not sources:
        sources[UNPREFIXED] = _unprefixed_source(frame, warnings)
    _warn_constant(sources, warnings)
    return sources


def _numeric(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column, errors="coerce").astype(float)


def _written(column: pd.Series) -> pd.Series:
    return column.notna() & ~column.astype(str).str.strip().str.lower().isin(MISSING_WORDS)


def _numeric_source(frame: pd.DataFrame) -> Source:
    parsed = {}
    for name in frame.columns:
        parsed[name] = _numeric(frame[name])
        if np.isfinite(parsed[name]).all():
            continue
        bad = (_written(frame[name]) & parsed[name].isna()) | np.isinf(parsed[name])
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            raise UnreadableInput(
                f"{name} holds {frame[name].iloc[row]!r} in row {row + 1}, which is not a finite number: "
                "correct or empty the cell."
            )
    return Source(names=tuple(parsed), values=np.column_stack(list(parsed.values())))


def _unprefixed_source(frame: pd.DataFrame, warnings: list[str]) -> Source:
    """Text columns (file names, versions) are left out; a column that mixes numbers and text is refused."""
    text = [c for c in frame.columns if _numeric(frame[c]).isna().all() and _written(frame[c]).any()]
    if text:
        warnings.append(f"{len(text)} text columns were left out: {_some(text)}.")
    rest = frame.drop(columns=text)
    if rest.shape[1] == 0:
        raise UnreadableInput("The table has no numeric feature column: give one column per feature.")
    return _numeric_source(rest)


def _clinical_source(frame: pd.DataFrame) -> Source:
    """Numbers as they are; text categories (a stage, a grade) as one indicator column per category."""
    columns: dict[str, np.ndarray] = {}
    for name in frame.columns:
        written, numbers = _written(frame[name]), _numeric(frame[name])
        if not (written & numbers.isna()).any():
            columns[name] = numbers.to_numpy()
            continue
        if frame[name][written].str.contains(MOLECULAR_STAGE).any():
            raise UnreadableInput(
                f"{name} holds stages that contain the molecular class itself (endometrial FIGO 2023, as IICmp53abn): "
                "a TP53 model would only read its label back. Give the stage of the 2009 edition or leave it out."
            )
        for category in sorted(set(frame[name][written].str.strip())):
            columns[f"{name}={category}"] = np.where(written, frame[name].str.strip() == category, np.nan)
    return Source(names=tuple(columns), values=np.column_stack(list(columns.values())))


def _warn_constant(sources: dict[str, Source], warnings: list[str]) -> None:
    for name, source in sources.items():
        filled = np.where(np.isfinite(source.values), source.values, -np.inf)
        low = np.where(np.isfinite(source.values), source.values, np.inf).min(axis=0)
        constant = int((filled.max(axis=0) <= low).sum())
        if constant:
            warnings.append(
                f"{constant} of {len(source.names)} columns of {name} are constant or empty and carry nothing."
            )
