"""From a user's DataFrame to the rows a regression uses, with every row left out accounted for.

Belongs here: checks of columns and rows that every panel estimator needs.
Does not belong here: estimation, and checks that depend on the model (absorption.py, fixed_effects.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from catalog.base import refuse
from models_py.econometrics.result import EstimationError
from models_py.panel import first_few, lacking


@dataclass(frozen=True)
class Sample:
    """Complete rows sorted by entity and time.

    `outcome` (n), `regressors` (n x K), `entity`, `time` and every array of `clusters` hold codes 0..; `keys`
    holds the entity and time values; `terms` are the names of the regressors. `dropped_rows` lists (entity, time,
    columns that were empty).
    """

    outcome_name: str
    terms: tuple[str, ...]
    keys: pd.DataFrame
    outcome: np.ndarray
    regressors: np.ndarray
    entity: np.ndarray
    time: np.ndarray
    clusters: Mapping[str, np.ndarray]
    dropped_rows: tuple[tuple[Any, Any, tuple[str, ...]], ...]
    dropped_by_column: Mapping[str, int]

    def only(self, rows: np.ndarray) -> "Sample":
        """The sample of the rows marked in `rows` (n, boolean), with its codes renumbered."""
        return replace(
            self,
            keys=self.keys[rows],
            outcome=self.outcome[rows],
            regressors=self.regressors[rows],
            entity=recoded(self.entity[rows]),
            time=recoded(self.time[rows]),
            clusters={name: recoded(codes[rows]) for name, codes in self.clusters.items()},
        )


def build_sample(
    df: pd.DataFrame,
    outcome: str,
    regressors: Sequence[str],
    entity: str,
    time: str,
    clusters: Sequence[str],
) -> Sample:
    """Check the columns, drop rows with an empty cell in any of them, sort.

    Raises EstimationError for columns that are absent, named twice, not numeric or infinite, for entity-time
    rows that occur twice, and when no row is left.
    """
    variables = [outcome, *regressors]
    columns = list(dict.fromkeys([entity, time, *variables, *clusters]))
    named = df.columns.tolist()
    refuse(
        (isinstance(regressors, str) or not regressors, "regressors must be a list of at least one column name"),
        (
            sorted({name for name in variables if variables.count(name) > 1}),
            "named more than once among outcome and regressors: {}",
        ),
        (entity == time, f"entity and time are the same column, {entity!r}"),
        ([repr(name) for name in lacking(df, columns)], "columns absent from the data: {}"),
        ([repr(name) for name in columns if named.count(name) > 1], "the data have more than one column named {}"),
        error=EstimationError,
    )

    frame = df[columns].reset_index(drop=True)
    for name in variables:
        frame[name] = _numeric(frame[name], frame[entity], frame[time])
    empty = frame.isna()
    keyed = frame[~empty[[entity, time]].any(axis=1)]
    twice = keyed[keyed.duplicated([entity, time])]
    dropped = empty.any(axis=1)
    refuse(
        (len(twice), f"entity-time rows that occur twice: {_rows(twice[entity], twice[time])}"),
        (dropped.all(), f"no complete row is left of {len(frame)}{_wholly_empty(empty[variables])}"),
        error=EstimationError,
    )
    kept = frame[~dropped].sort_values([entity, time], kind="stable").reset_index(drop=True)
    left_out = frame[dropped].sort_values([entity, time], kind="stable")
    return Sample(
        outcome_name=outcome,
        terms=tuple(regressors),
        keys=kept[[entity, time]],
        outcome=kept[outcome].to_numpy(dtype="float64"),
        regressors=kept[list(regressors)].to_numpy(dtype="float64"),
        entity=_codes(kept[entity]),
        time=_codes(kept[time]),
        clusters={name: _codes(kept[name]) for name in clusters},
        dropped_rows=tuple(
            (
                plain(left_out.at[row, entity]),
                plain(left_out.at[row, time]),
                tuple(name for name in columns if empty.at[row, name]),
            )
            for row in left_out.index
        ),
        dropped_by_column={name: int(empty[name].sum()) for name in columns if empty[name].any()},
    )


def _wholly_empty(empty: pd.DataFrame) -> str:
    """The columns without any figure, as the end of a message; '' where each has some."""
    names = ", ".join(repr(name) for name in empty.columns[empty.all()])
    return f"; without any figure: {names}" if names else ""


def _numeric(values: pd.Series, entities: pd.Series, times: pd.Series) -> pd.Series:
    number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_complex_dtype(values)
    refuse((not number, f"the column {values.name!r} is not numeric but {values.dtype}"), error=EstimationError)
    numbers = pd.Series(values.to_numpy(dtype="float64", na_value=np.nan), index=values.index)
    infinite = np.isinf(numbers)
    where = _rows(entities[infinite], times[infinite])
    refuse((infinite.any(), f"the column {values.name!r} is infinite in {where}"), error=EstimationError)
    return numbers


def _codes(values: pd.Series) -> np.ndarray:
    return np.asarray(pd.factorize(values, sort=True)[0], dtype=np.int64)


def recoded(codes: np.ndarray) -> np.ndarray:
    """Codes renumbered from 0, in order, after some have disappeared."""
    return np.asarray(np.unique(codes, return_inverse=True)[1])


def plain(value: Any) -> Any:
    """A numpy scalar as a plain Python one, so that evidence can be written as JSON."""
    return value.item() if isinstance(value, np.generic) else value


def _rows(entities: pd.Series, times: pd.Series) -> str:
    return first_few([f"{e} {t}" for e, t in zip(entities, times, strict=True)])
