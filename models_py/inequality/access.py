"""Where a service is, against where people are: location quotients and two-step floating catchments.

Belongs here: the formulas, on series and a matrix of distances, all passed in. Does not belong here: distances between
places (models_py/spatial), which services and cities a study looks at (models_py/parts), drawing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from catalog.base import refuse
from models_py.inequality.shares import InequalityError

Decay = Literal["none", "gaussian"]


@dataclass(frozen=True)
class Catchment:
    """`access`: supply within reach per unit of demand, by place of demand; `reached`: whether any demand is within
    reach, by place of supply. The sum of access x demand is the supply that is reached.
    """

    access: pd.Series
    reached: pd.Series


def location_quotient(part: pd.Series, whole: pd.Series) -> pd.Series:
    """(part_i / sum of part) / (whole_i / sum of whole), units by label; 1: a unit's share of both is the same.

    Its mean weighted by the shares of `whole` is 1. Isard 1960, Methods of Regional Analysis, chapter 5. Raises
    InequalityError for labels that differ or occur twice, values that are absent, infinite or negative, a unit with
    nothing of the whole, and a part of zero everywhere.
    """
    _refuse_values("part", part)
    _refuse_values("whole", whole)
    _refuse_labels("part and whole", part.index, whole.index)
    whole = whole.reindex(part.index).astype(float)
    refuse(
        (whole.index[whole == 0].tolist()[:5], "nothing of the whole in {}, so there is no quotient"),
        (not part.sum() > 0, "the part is zero everywhere"),
        error=InequalityError,
    )
    return (part.astype(float) / part.sum()) / (whole / whole.sum())


def catchment_weights(distance_km: pd.DataFrame, radius_km: float, decay: Decay = "none") -> pd.DataFrame:
    """Weight of each distance: within the radius 1, or, with Gaussian decay, (exp(-d^2 / 2r^2) - exp(-1/2)) /
    (1 - exp(-1/2)), which is 1 at no distance and 0 at the radius (Dai 2010, Health & Place 16(5)); beyond it 0.

    Raises InequalityError for a radius that is not positive, a negative or absent distance and an unknown decay.
    """
    d = distance_km.to_numpy(dtype="float64")
    refuse(
        (not radius_km > 0, f"the radius must be above 0 km, found {radius_km}"),
        (not (d >= 0).all(), "a distance is negative or absent"),
        (decay not in ("none", "gaussian"), f"decay {decay!r} is not offered; use none or gaussian"),
        error=InequalityError,
    )
    edge = np.exp(-0.5)
    shape = np.ones_like(d) if decay == "none" else (np.exp(-0.5 * (d / radius_km) ** 2) - edge) / (1 - edge)
    return pd.DataFrame(np.where(d <= radius_km, shape, 0.0), distance_km.index, distance_km.columns)


def two_step_floating_catchment(
    supply: pd.Series, demand: pd.Series, distance_km: pd.DataFrame, radius_km: float, decay: Decay = "none"
) -> Catchment:
    """Two-step floating catchment area, W being `catchment_weights`: first the ratio of every place of supply,
    R_j = S_j / sum_k P_k W(d_jk), then the access of every place of demand, A_i = sum_j R_j W(d_ij).

    `distance_km`: places of supply (rows) by places of demand (columns). Luo and Wang 2003, Environment and Planning B
    30(6). Supply without any demand in reach reaches nobody. Raises InequalityError for labels that differ or occur
    twice, values that are absent, infinite or negative, and as `catchment_weights`.
    """
    _refuse_values("supply", supply)
    _refuse_values("demand", demand)
    _refuse_labels("supply and the rows of distance_km", supply.index, distance_km.index)
    _refuse_labels("demand and the columns of distance_km", demand.index, distance_km.columns)
    weights = catchment_weights(distance_km, radius_km, decay).loc[supply.index, demand.index].to_numpy()
    within = weights @ demand.to_numpy(dtype="float64")
    ratio = np.divide(supply.to_numpy(dtype="float64"), within, out=np.zeros(len(within)), where=within > 0)
    return Catchment(
        pd.Series(ratio @ weights, demand.index, dtype="float64"), pd.Series(within > 0, supply.index, dtype="bool")
    )


def _refuse_values(what: str, values: pd.Series) -> None:
    numbers = values.to_numpy(dtype="float64")
    wrong = values.index[~(np.isfinite(numbers) & (numbers >= 0))].tolist()[:5]
    refuse((wrong, f"{what}: a value is absent, infinite or negative for {{}}"), error=InequalityError)


def _refuse_labels(what: str, one: pd.Index, other: pd.Index) -> None:
    differ = sorted(map(str, set(one) ^ set(other)))[:5]
    refuse(
        (one.has_duplicates or other.has_duplicates, f"{what}: a label occurs twice"),
        (differ, f"{what} do not have the same labels: {{}}"),
        error=InequalityError,
    )
