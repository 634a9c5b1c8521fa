"""An index that is the mean of pooled z-scores, with sub-indices by dimension, and the weights it may take.

Belongs here: the formulas (equal weights, entropy, first component) and the refusal of data they are not defined for.
Does not belong here: which indicators a study uses (parts/performance_index), how gaps are treated (panel.py).
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from catalog.base import refuse
from models_py.panel import first_few, lacking


class IndexDataError(ValueError):
    """The data or the declaration do not define the index; the message says what is wrong."""


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
    that occurs twice, an unbalanced panel, an indicator in two dimensions or in none, and a direction that is
    missing or not +1 or -1, a baseline without rows or in which an indicator does not vary, and weights that are
    missing or whose sizes do not sum to 1.
    """
    indicators = _declared(directions, dimensions, reserved={entity, time, name})
    refuse((ddof not in (0, 1), f"ddof must be 0 or 1, found {ddof!r}"), error=IndexDataError)
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
        listed = not isinstance(members, str) and len(members) > 0
        refuse(
            (not listed, f"the dimension {dimension!r} must be a list of at least one indicator"),
            (dimension in reserved, f"the dimension {dimension!r} has the name of another column of the result"),
            error=IndexDataError,
        )
        for member in members:
            both = f"{owner.get(member)!r} and {dimension!r}"
            refuse((member in owner, f"the indicator {member!r} is in two dimensions, {both}"), error=IndexDataError)
            owner[member] = dimension
    refuse((not owner, "no dimension is declared"), error=IndexDataError)
    for member in owner:
        sign = directions.get(member)
        refuse(
            (member not in directions, f"the indicator {member!r} has no direction; give +1 or -1"),
            (sign not in (1, -1), f"the direction of {member!r} must be +1 or -1, found {sign!r}"),
            error=IndexDataError,
        )
    refuse(
        ([i for i in directions if i not in owner], "indicators with a direction but in no dimension: {}"),
        error=IndexDataError,
    )
    return list(owner)


def _checked(data: pd.DataFrame, indicators: list[str], entity: str, time: str) -> pd.DataFrame:
    """The needed columns, sorted, after every refusal."""
    refuse(
        (lacking(data, [entity, time, *indicators]), "columns absent from the data: {}"),
        (data.empty, "the data have no rows"),
        error=IndexDataError,
    )
    refuse(
        *((count, f"{count} rows have no {key}") for key, count in data[[entity, time]].isna().sum().items()),
        error=IndexDataError,
    )
    frame = data[[entity, time, *indicators]].sort_values([entity, time], kind="stable").reset_index(drop=True)

    twice = frame[frame.duplicated([entity, time])]
    grid = pd.MultiIndex.from_product([frame[entity].unique(), np.sort(frame[time].unique())])
    holes = grid.difference(pd.MultiIndex.from_frame(frame[[entity, time]])).to_frame()
    numeric = pd.api.types.is_numeric_dtype
    refuse(
        (len(twice), f"rows that occur twice: {_cells(twice[entity], twice[time])}"),
        (len(holes), f"the panel is unbalanced; missing rows: {_cells(holes[0], holes[1])}"),
        *((not numeric(frame[i]), f"the indicator {i!r} is not numeric but {frame[i].dtype}") for i in indicators),
        error=IndexDataError,
    )
    frame = frame.astype(dict.fromkeys(indicators, "float64"))
    empty = frame.melt([entity, time], indicators).loc[lambda cells: cells["value"].isna()]
    named = empty[time].astype(str) + " " + empty["variable"]
    refuse((len(empty), f"missing values: {_cells(empty[entity], named)}"), error=IndexDataError)
    for indicator in indicators:
        values, bad = frame[indicator], frame[np.isinf(frame[indicator])]
        constant = f"is constant at {float(values.iloc[0])!r}: it has no z-score"
        refuse(
            (len(bad), f"the indicator {indicator!r} is infinite: {_cells(bad[entity], bad[time])}"),
            (values.max() == values.min(), f"the indicator {indicator!r} {constant}"),
            error=IndexDataError,
        )
    return frame


def _baseline_rows(
    frame: pd.DataFrame, indicators: list[str], time: str, baseline: tuple[int, int] | None
) -> np.ndarray:
    if baseline is None:
        return np.ones(len(frame), dtype=bool)
    inside, years = frame[time].between(*baseline).to_numpy(), f"{baseline[0]}-{baseline[1]}"
    constant = [i for i in indicators if frame.loc[inside, i].max() == frame.loc[inside, i].min()]
    refuse(
        (not inside.any(), f"no row lies in the baseline {years}"),
        (len(constant), f"the indicator {''.join(map(repr, constant[:1]))} is constant in the baseline {years}"),
        error=IndexDataError,
    )
    return np.asarray(inside)


def _weights(indicators: list[str], weights: Mapping[str, float] | None) -> np.ndarray:
    if weights is None:
        return np.full(len(indicators), 1.0 / len(indicators))
    refuse(
        (set(weights) != set(indicators), f"weights are given for {sorted(weights)}, expected {sorted(indicators)}"),
        error=IndexDataError,
    )
    values = np.array([float(weights[indicator]) for indicator in indicators])
    size = np.abs(values).sum()
    refuse(
        (not np.isclose(size, 1.0, atol=1e-9), f"the sizes of the weights must sum to 1, found {size!r}"),
        error=IndexDataError,
    )
    return values


def _cells(entities: pd.Series | pd.Index, times: pd.Series | pd.Index) -> str:
    return first_few([f"{e} {t}" for e, t in zip(entities, times, strict=True)])


ENTROPY_COLUMNS = ["indicator", "entropy", "divergence", "weight"]


class EntropyWeightError(ValueError):
    """The data do not define entropy weights; the message names the indicator."""


def entropy_weights(data: pd.DataFrame, directions: Mapping[str, int], *, shift: float = 1e-4) -> pd.DataFrame:
    """Entropy, divergence and weight of each indicator over all rows of a pooled panel.

    `data`: one row per unit and period, one column per indicator; `directions`: +1 or -1 each. With x' the min-max
    value, p = (x' + shift) / sum(x' + shift), e = -sum(p ln p) / ln(rows), d = 1 - e, weight = d / sum(d); `shift` = 0
    takes 0 ln 0 as 0. Returns indicator, entropy, divergence, weight in the order of `directions`; weights sum to 1.
    A constant column weighs 0 and is warned of.

    Formula: the standard entropy weight method, pooled over the panel so that levels compare over years. Raises
    EntropyWeightError for absent, empty or infinite values, fewer than two rows, a direction that is not +1 or -1, and
    when no indicator varies.
    """
    refuse(
        (len(data) < 2, f"entropy weights need at least two rows, found {len(data)}"),
        (shift < 0, f"shift must not be negative, found {shift}"),
        error=EntropyWeightError,
    )
    rows = []
    for indicator, direction in directions.items():
        refuse(
            (indicator not in data.columns, f"the data have no column {indicator!r}"),
            (direction not in (1, -1), f"the direction of {indicator!r} must be +1 or -1, found {direction!r}"),
            error=EntropyWeightError,
        )
        values = data[indicator].to_numpy(dtype="float64")
        empty = int((~np.isfinite(values)).sum())
        refuse((empty, f"the indicator {indicator!r} has {empty} empty cells"), error=EntropyWeightError)
        low, high = float(values.min()), float(values.max())
        if low == high:
            warnings.warn(f"the indicator {indicator!r} is constant, so its entropy weight is 0", stacklevel=2)
            rows.append((indicator, 1.0, 0.0))
            continue
        scaled = (values - low) / (high - low) if direction > 0 else (high - values) / (high - low)
        share = (scaled + shift) / (scaled + shift).sum()
        terms = np.where(share > 0, share * np.log(np.where(share > 0, share, 1.0)), 0.0)
        entropy = float(-terms.sum() / np.log(len(values)))
        rows.append((indicator, entropy, 1.0 - entropy))
    total = sum(divergence for _, _, divergence in rows)
    refuse((total <= 0, "no indicator varies, so there are no entropy weights"), error=EntropyWeightError)
    return pd.DataFrame([(*row, row[2] / total) for row in rows], columns=ENTROPY_COLUMNS)


def first_component_weights(scores: np.ndarray, indicators: Sequence[str]) -> dict[str, float]:
    """Loadings of the first principal component of z-scores (rows x indicators), divided by the sum of their sizes.

    The sign is the one under which the component rises with the unweighted mean of the scores. Loadings may differ in
    sign; sizes sum to 1. Jolliffe, Principal Component Analysis, section 2.3 (correlation matrix).
    """
    loadings = np.linalg.eigh(np.corrcoef(scores, rowvar=False))[1][:, -1]
    sign = -1.0 if np.dot(scores @ loadings, scores.mean(axis=1)) < 0 else 1.0
    return dict(zip(indicators, (sign * loadings / np.abs(loadings).sum()).tolist(), strict=True))
