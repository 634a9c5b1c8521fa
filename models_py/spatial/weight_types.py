"""Making spatial weights: borders, distances, nearest places, economic distance, and mixtures.

Belongs here: pure functions from coordinates, borders or a series to a labelled square matrix. Does not belong here:
which matrix a study asks for by name (models_py/parts/spatial_weights.py), and using weights (weights.py).

Row i is what place i receives from the others. Nothing is standardised but by `row_standardised`, and by `nested`,
whose parts would not be comparable otherwise.
"""

from collections.abc import Collection, Hashable, Sequence

import numpy as np
import pandas as pd

from catalog.base import refuse
from models_py.spatial.conley import great_circle_km
from models_py.spatial.weights import WeightsError, check_weights


def labelled(matrix: np.ndarray, places: Sequence[Hashable]) -> pd.DataFrame:
    """The matrix with its places as index and columns."""
    return pd.DataFrame(matrix, index=list(places), columns=list(places), dtype="float64")


def row_standardised(weights: pd.DataFrame) -> pd.DataFrame:
    """Each row divided by its sum. Raises WeightsError for a place without neighbours."""
    sums = weights.sum(axis=1)
    alone = [str(name) for name in weights.index[sums == 0]]
    refuse((alone, "rows without a weight cannot be brought to sum 1: {}"), error=WeightsError)
    return weights.div(sums, axis=0)


def contiguity(
    places: Sequence[Hashable], borders: Collection[tuple[Hashable, Hashable]], order: int = 1
) -> pd.DataFrame:
    """1 for places that share a border, or are at most `order` borders apart, else 0.

    `borders`: pairs, in either order. Raises WeightsError for a border with a place that is not given.
    """
    position = {name: at for at, name in enumerate(places)}
    unknown = sorted({str(name) for pair in borders for name in pair if name not in position})
    refuse((unknown, "borders of places that are not given: {}"), error=WeightsError)
    direct = np.zeros((len(position), len(position)))
    for one, other in borders:
        direct[position[one], position[other]] = direct[position[other], position[one]] = 1.0
    near = direct.copy()
    for _ in range(order - 1):
        near = ((near + near @ direct) > 0).astype(float)
    np.fill_diagonal(near, 0.0)
    return labelled(near, places)


def distances_km(places: pd.DataFrame) -> pd.DataFrame:
    """Great-circle distances; `places`: lon and lat in degrees, indexed by place. Raises as `great_circle_km`."""
    codes = list(places.index)
    rows = places.reset_index(drop=True).assign(entity_code=codes)
    return labelled(great_circle_km(rows, codes), codes)


def inverse_distance(distance: pd.DataFrame, power: float = 1.0, within: float | None = None) -> pd.DataFrame:
    """1 / d^power, 0 beyond `within`; `distance` in any unit. Raises WeightsError for two places at distance zero."""
    d = distance.to_numpy(dtype="float64")
    _refuse_zero(distance, "lie at the same point")
    with np.errstate(divide="ignore"):
        made = d**-power
    np.fill_diagonal(made, 0.0)
    if within is not None:
        made[d > within] = 0.0
    return labelled(made, list(distance.index))


def knn(distance: pd.DataFrame, nearest: int) -> pd.DataFrame:
    """1 for the `nearest` places of each place, ties in the order of the labels; not symmetric.

    Raises WeightsError if there are not that many others.
    """
    n = len(distance)
    refuse(
        (not 0 < nearest < n, f"{nearest} nearest of {n} places: from 1 to {n - 1} can be asked"), error=WeightsError
    )
    d = distance.to_numpy(dtype="float64", copy=True)
    np.fill_diagonal(d, np.inf)
    chosen = np.argsort(d, axis=1, kind="stable")[:, :nearest]
    made = np.zeros((n, n))
    np.put_along_axis(made, chosen, 1.0, axis=1)
    return labelled(made, list(distance.index))


def economic(series: pd.Series) -> pd.DataFrame:
    """1 / |x_i - x_j| of a series indexed by place, a mean over years for example.

    Raises WeightsError for a missing value and for two places with the same one.
    """
    values = series.to_numpy(dtype="float64")
    empty = [str(name) for name in series.index[~np.isfinite(values)]]
    refuse((empty, "economic weights need a value of every place; none of {}"), error=WeightsError)
    return inverse_distance(_gaps(series))


def nested(first: pd.DataFrame, second: pd.DataFrame, share: float = 0.5) -> pd.DataFrame:
    """`share` of the first and the rest of the second, each row-standardised before. Raises WeightsError."""
    refuse(
        (not 0 < share < 1, f"the share of nested weights lies between 0 and 1, found {share}"),
        (
            list(first.index) != list(second.index),
            "nested weights need both matrices for the same places, in one order",
        ),
        error=WeightsError,
    )
    return share * row_standardised(first) + (1 - share) * row_standardised(second)


def from_pairs(pairs: pd.DataFrame, places: Sequence[Hashable]) -> pd.DataFrame:
    """A matrix from its cells: code, neighbour_code, weight; a place without neighbours has one row, both empty.

    Raises WeightsError for places that differ from those given, a pair that stands twice, and weights that no model
    can use.
    """
    held, wanted = set(pairs["code"]), set(places)
    cells = pairs.dropna(subset=["neighbour_code"])
    twice = [
        f"{a} {b}"
        for a, b in cells.loc[cells.duplicated(["code", "neighbour_code"]), ["code", "neighbour_code"]].to_numpy()
    ]
    refuse(
        (sorted(map(str, wanted - held)), "the matrix has no row of {}"),
        (
            sorted(map(str, (held | set(cells["neighbour_code"])) - wanted)),
            "the matrix names places outside the panel: {}",
        ),
        (twice[:1], "the matrix has the pair {} twice"),
        error=WeightsError,
    )
    wide = cells.pivot(index="code", columns="neighbour_code", values="weight")
    made = wide.reindex(index=list(places), columns=list(places)).fillna(0.0)
    made = labelled(made.to_numpy(dtype="float64"), places)
    check_weights(made, WeightsError)
    return made


def among(weights: pd.DataFrame, places: Sequence[Hashable]) -> pd.DataFrame:
    """The weights among some places, row-standardised again. Raises WeightsError naming those left without any."""
    return row_standardised(weights.loc[list(places), list(places)])


def _gaps(series: pd.Series) -> pd.DataFrame:
    values = series.to_numpy(dtype="float64")
    gaps = labelled(np.abs(values[:, None] - values), list(series.index))
    _refuse_zero(gaps, "have the same value, so that no weight follows from their difference")
    return gaps


def _refuse_zero(distance: pd.DataFrame, what: str) -> None:
    same = np.argwhere(np.triu(distance.to_numpy() == 0, 1))[:1]
    names = [f"{distance.index[i]} and {distance.index[j]}" for i, j in same]
    refuse((names, f"{{}} {what}"), error=WeightsError)
