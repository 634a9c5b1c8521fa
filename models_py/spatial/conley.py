"""Standard errors that allow for correlation between entities near each other.

Belongs here: distances between places, spatial HAC covariance of a two-way fixed-effects fit.
Does not belong here: clustered and jackknife standard errors (fixed_effects.py), and where the entities lie.

Conley (1999), Journal of Econometrics 92(1); with correlation over all years within an entity, as Hsiang (2010), PNAS
107(35), appendix: with s_it = x_it e_it after the effects,

    V = (X'X)^-1 [ sum_t sum_i sum_j K(d_ij) s_it s_jt' + sum_i sum_{t != r} s_it s_ir' ] (X'X)^-1,   K(0) = 1.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from catalog.base import refuse
from models_py.econometrics.fixed_effects import by_own_clusters, small_sample
from models_py.econometrics.model_data import ENTITY, ModelData
from models_py.econometrics.result import CI_LEVEL, EstimationError, interval_row
from models_py.panel import lacking

Kernel = Literal["bartlett", "uniform"]
# IUGG mean radius, as in dbt/models/marts/city_pair.sql.
EARTH_KM = 6371.0088


class NotPositiveError(EstimationError):
    """The spatial variance of a coefficient is not positive."""


def great_circle_km(places: pd.DataFrame, codes: Sequence[int], label: Callable[[int], str] = str) -> np.ndarray:
    """Distances in km (G x G, in the order of `codes`) between the places of entities, by the haversine formula.

    `places`: entity_code, lon, lat in degrees; `label` names an entity in messages. Raises EstimationError for an
    entity that is absent or occurs twice and for coordinates that are empty or out of range.
    """
    refuse((lacking(places, [ENTITY, "lon", "lat"]), "places lack the columns {}"), error=EstimationError)
    wanted = places[places[ENTITY].isin(codes)].set_index(ENTITY)
    refuse(
        ([label(int(code)) for code in codes if code not in wanted.index], "places lack {}"),
        ([label(int(code)) for code in wanted.index[wanted.index.duplicated()]], "places hold twice {}"),
        error=EstimationError,
    )
    wanted = wanted.loc[list(codes)]
    fine = wanted["lon"].between(-180, 180) & wanted["lat"].between(-90, 90)
    refuse(([label(int(code)) for code in wanted.index[~fine]], "no usable coordinates for {}"), error=EstimationError)
    lon, lat = np.radians(wanted["lon"].to_numpy(dtype="float64")), np.radians(wanted["lat"].to_numpy(dtype="float64"))
    half = np.sin((lat[:, None] - lat) / 2) ** 2
    half = half + np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))


def conley_covariance(
    data: ModelData, distance_km: np.ndarray, cutoff_km: float, kernel: Kernel, serial: bool = True
) -> np.ndarray:
    """The module's V (K x K), without a small-sample factor; `distance_km` is G x G in the order of entity codes.

    Summed over (X'X)^-1 s_it, each row's contribution to the coefficients.

    Kernel: uniform 1, bartlett 1 - d / cutoff, for d < cutoff, else 0; an entity with itself always 1. Cutoff 0 is
    HC0 without `serial` and clustering by entity without a factor (CR0) with it.
    """
    fit, year = data.solved, np.unique(data.years, return_inverse=True)[1]
    codes = fit.sample.entity
    scores = np.zeros((int(year.max()) + 1, int(codes.max()) + 1, len(fit.terms)))
    scores[year, codes] = fit.weights * fit.residuals[:, None]
    near = distance_km < cutoff_km
    kernel_values = near.astype(float) if kernel == "uniform" else np.where(near, 1 - distance_km / (cutoff_km or 1), 0)
    np.fill_diagonal(kernel_values, 1.0)
    made = np.einsum("tik,ij,tjl->kl", scores, kernel_values, scores, optimize=True)
    if serial:
        paths = scores.sum(axis=0)
        made = made + paths.T @ paths - np.einsum("tik,til->kl", scores, scores)
    return np.asarray(made)


def conley(
    data: ModelData, places: pd.DataFrame, cutoff_km: float, kernel: Kernel, terms: Sequence[str] | None = None
) -> pd.DataFrame:
    """Estimates of `terms` (all regressors when not given), method conley_bartlett or conley_uniform.

    Columns as those of a FitResult's estimates, and n_obs. The variance is the module's V times the small-sample
    factor of CR1, so that at a cutoff of 0 it is CR1; t with G - 1 degrees of freedom. `places` as in
    `great_circle_km`.

    Raises EstimationError when the model cannot be estimated and for unusable places; NotPositiveError when a variance
    is not positive: neither kernel is positive definite on a sphere, so that a sample can give one.
    """
    refuse(
        (kernel not in ("bartlett", "uniform"), f"kernel {kernel!r} is not offered; use bartlett or uniform"),
        (not cutoff_km >= 0, f"cutoff_km must not be negative, found {cutoff_km}"),
        error=EstimationError,
    )
    fit = data.solved
    names = list(fit.terms if terms is None else terms)
    positions = [fit.position(name) for name in names]
    small = small_sample(fit, by_own_clusters(fit))
    variance = small.factors[0] * np.diag(conley_covariance(data, _distances(data, places), cutoff_km, kernel))
    bad = [name for name, place in zip(names, positions, strict=True) if not variance[place] > 0]
    method = f"conley_{kernel}"
    what = f"the {method} variance of {', '.join(bad)} within {cutoff_km:g} km is not positive"
    why = "which its kernel does not exclude; choose another cutoff"
    refuse((len(bad), f"{data.identity.place}: {what}, {why}"), error=NotPositiveError)
    return pd.DataFrame(
        [
            interval_row({}, name, method, float(fit.beta[p]), float(np.sqrt(variance[p])), float(small.df), CI_LEVEL)
            for name, p in zip(names, positions, strict=True)
        ]
    ).assign(n_obs=len(fit.residuals))


def pair_distances(data: ModelData, places: pd.DataFrame) -> np.ndarray:
    """Distance in km of every pair of entities in the model's sample; places and errors as `great_circle_km`."""
    distance = _distances(data, places)
    return np.asarray(distance[np.triu_indices(len(distance), 1)])


def _distances(data: ModelData, places: pd.DataFrame) -> np.ndarray:
    codes = data.solved.sample.keys[ENTITY].drop_duplicates().astype(int).tolist()
    return great_circle_km(places, codes, data.panel.label)
