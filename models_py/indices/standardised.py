"""An index that is the unweighted mean of pooled z-scores, with sub-indices by dimension.

Belongs here: the formula and the refusal of data it is not defined for.
Does not belong here: which indicators a study uses (parts/performance_index), how gaps are treated (panel.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models_py.panel import first_few


class IndexDataError(ValueError):
    """The data or the declaration do not define the index; the message names what is wrong."""


@dataclass(frozen=True)
class StandardisedIndex:
    """Result of `standardised_index`.

    `values`: entity, time, the index, one column per dimension; in standard deviations.
    `scores`: index_name, indicator, entity, time, raw (as given), score (z, signed), weight (share).
    """

    values: pd.DataFrame
    scores: pd.DataFrame


def standardised_index(
    data: pd.DataFrame,
    directions: Mapping[str, int],
    dimensions: Mapping[str, Sequence[str]],
    *,
    entity: str = "province_code",
    time: str = "year",
    ddof: int = 1,
    name: str = "index",
    baseline: tuple[int, int] | None = None,
    weights: Mapping[str, float] | None = None,
) -> StandardisedIndex:
    """Mean of pooled z-scores over a balanced panel.

    `data` is wide: one row per entity and time, one column per indicator. `directions` gives +1 (higher is
    better) or -1 (reversed, x -> -x, before standardising); `dimensions` assigns every indicator to one
    sub-index. z = (x - mean) / sd, mean and sd (divisor n - `ddof`) pooled over all rows; the index is the
    mean of all K z-scores, each dimension the mean of its own.

    `baseline`: first and last time whose rows alone give mean and sd, so that later rows leave earlier values as they
    are. `weights`, one per indicator, take the place of 1/K; their sizes must sum to 1, and a dimension takes its own
    divided by the sum of their sizes.

    Formula: Shao et al. 2026, doi 10.3389/ijph.2026.1609627. Rows come back sorted by entity and time.

    Raises IndexDataError for a missing, infinite or non-numeric value, an indicator that does not vary, a row
    that stands twice, an unbalanced panel, an indicator in two dimensions or in none, and a direction that is
    missing or not +1 or -1, a baseline without rows or in which an indicator does not vary, and weights that are
    missing or whose sizes do not sum to 1.
    """
    indicators = _declared(directions, dimensions, reserved={entity, time, name})
    if ddof not in (0, 1):
        raise IndexDataError(f"ddof must be 0 or 1, found {ddof!r}")
    frame = _checked(data, indicators, entity, time)

    raw = frame[indicators].to_numpy(dtype="float64")
    signed = raw * np.array([float(directions[i]) for i in indicators])
    base = signed[_baseline_rows(frame, indicators, time, baseline)]
    scores = (signed - base.mean(axis=0)) / base.std(axis=0, ddof=ddof)
    weight = _weights(indicators, weights)

    values = frame[[entity, time]].copy()
    values[name] = scores.mean(axis=1) if weights is None else scores @ weight
    for dimension, members in dimensions.items():
        columns = [indicators.index(member) for member in members]
        own = weight[columns] / np.abs(weight[columns]).sum()
        values[dimension] = scores[:, columns].mean(axis=1) if weights is None else scores[:, columns] @ own

    tidy = pd.concat(
        [
            pd.DataFrame(
                {
                    "index_name": name,
                    "indicator": indicator,
                    entity: frame[entity],
                    time: frame[time],
                    "raw": raw[:, column],
                    "score": scores[:, column],
                    "weight": weight[column],
                }
            )
            for column, indicator in enumerate(indicators)
        ],
        ignore_index=True,
    )
    return StandardisedIndex(values=values, scores=tidy)


def _declared(directions: Mapping[str, int], dimensions: Mapping[str, Sequence[str]], reserved: set[str]) -> list[str]:
    owner: dict[str, str] = {}
    for dimension, members in dimensions.items():
        if isinstance(members, str) or len(members) == 0:
            raise IndexDataError(f"the dimension {dimension!r} must be a list of at least one indicator")
        if dimension in reserved:
            raise IndexDataError(f"the dimension {dimension!r} has the name of another column of the result")
        for member in members:
            if member in owner:
                raise IndexDataError(
                    f"the indicator {member!r} stands in two dimensions, {owner[member]!r} and {dimension!r}"
                )
            owner[member] = dimension
    if not owner:
        raise IndexDataError("no dimension is declared")
    for member in owner:
        if member not in directions:
            raise IndexDataError(f"the indicator {member!r} has no direction; give +1 or -1")
        if directions[member] not in (1, -1):
            raise IndexDataError(f"the direction of {member!r} must be +1 or -1, found {directions[member]!r}")
    homeless = [i for i in directions if i not in owner]
    if homeless:
        raise IndexDataError(f"indicators with a direction but in no dimension: {', '.join(homeless)}")
    return list(owner)


def _checked(data: pd.DataFrame, indicators: list[str], entity: str, time: str) -> pd.DataFrame:
    """The needed columns, sorted, after every refusal."""
    absent = [column for column in [entity, time, *indicators] if column not in data.columns]
    if absent:
        raise IndexDataError(f"columns absent from the data: {', '.join(absent)}")
    if data.empty:
        raise IndexDataError("the data have no rows")
    for key in (entity, time):
        if data[key].isna().any():
            raise IndexDataError(f"{int(data[key].isna().sum())} rows have no {key}")
    frame = data[[entity, time, *indicators]].sort_values([entity, time], kind="stable").reset_index(drop=True)

    twice = frame[frame.duplicated([entity, time])]
    if len(twice):
        raise IndexDataError(f"rows that stand twice: {_cells(twice[entity], twice[time])}")
    grid = pd.MultiIndex.from_product([frame[entity].unique(), np.sort(frame[time].unique())])
    lacking = grid.difference(pd.MultiIndex.from_frame(frame[[entity, time]]))
    if len(lacking):
        where = _cells(lacking.get_level_values(0), lacking.get_level_values(1))
        raise IndexDataError(f"the panel is unbalanced; missing rows: {where}")

    for indicator in indicators:
        if not pd.api.types.is_numeric_dtype(frame[indicator]):
            raise IndexDataError(f"the indicator {indicator!r} is not numeric but {frame[indicator].dtype}")
    frame = frame.astype(dict.fromkeys(indicators, "float64"))
    empty = frame.melt([entity, time], indicators).loc[lambda cells: cells["value"].isna()]
    if len(empty):
        named = empty[time].astype(str) + " " + empty["variable"]
        raise IndexDataError(f"missing values: {_cells(empty[entity], named)}")
    for indicator in indicators:
        values = frame[indicator]
        if np.isinf(values).any():
            bad = frame[np.isinf(values)]
            raise IndexDataError(f"the indicator {indicator!r} is infinite: {_cells(bad[entity], bad[time])}")
        if values.max() == values.min():
            raise IndexDataError(
                f"the indicator {indicator!r} is constant at {float(values.iloc[0])!r}: it has no z-score"
            )
    return frame


def _baseline_rows(
    frame: pd.DataFrame, indicators: list[str], time: str, baseline: tuple[int, int] | None
) -> np.ndarray:
    if baseline is None:
        return np.ones(len(frame), dtype=bool)
    inside = frame[time].between(*baseline).to_numpy()
    if not inside.any():
        raise IndexDataError(f"no row lies in the baseline {baseline[0]}-{baseline[1]}")
    for indicator in indicators:
        values = frame.loc[inside, indicator]
        if values.max() == values.min():
            raise IndexDataError(f"the indicator {indicator!r} is constant in the baseline {baseline[0]}-{baseline[1]}")
    return np.asarray(inside)


def _weights(indicators: list[str], weights: Mapping[str, float] | None) -> np.ndarray:
    if weights is None:
        return np.full(len(indicators), 1.0 / len(indicators))
    if set(weights) != set(indicators):
        raise IndexDataError(f"weights are given for {sorted(weights)}, expected {sorted(indicators)}")
    values = np.array([float(weights[indicator]) for indicator in indicators])
    if not np.isclose(np.abs(values).sum(), 1.0, atol=1e-9):
        raise IndexDataError(f"the sizes of the weights must sum to 1, found {np.abs(values).sum()!r}")
    return values


def _cells(entities: pd.Series | pd.Index, times: pd.Series | pd.Index) -> str:
    return first_few([f"{e} {t}" for e, t in zip(entities, times, strict=True)])
