"""The choice of standard error: what may be asked for, and the cluster jackknife.

Belongs here: reading `cluster`, `vcov` and `ssc`; CRV3.
Does not belong here: the other covariance estimators, which are pyfixest's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models_py.econometrics.absorption import TwoWayEffects, independent_columns
from models_py.econometrics.result import EstimationError

# Stata's and fixest's small-sample convention, and the one of the studies (domain section 4).
DEFAULT_SSC: Mapping[str, Any] = {"k_adj": True, "k_fixef": "nonnested", "G_adj": True, "G_df": "min"}
_K_FIXEF = {
    "nonnested": "regressors plus effects not nested in the clusters",
    "full": "regressors plus all effects",
    "none": "regressors alone",
}


@dataclass(frozen=True)
class Covariance:
    """`kind`: iid, hetero, CRV1 or CRV3; `clusters`: cluster columns, empty unless clustered."""

    kind: str
    clusters: tuple[str, ...]

    @property
    def method(self) -> str:
        """The name published in `estimate.method`."""
        return {"CRV1": "cr1", "CRV3": "cr3"}.get(self.kind, self.kind)


def read_vcov(
    cluster: str | Sequence[str] | None,
    vcov: str | Mapping[str, str] | None,
    entity: str,
    columns: Sequence[str],
) -> Covariance:
    """The covariance asked for; entity-clustered CRV1 when nothing is. `vcov` overrides `cluster`.

    Raises EstimationError for anything else than iid, hetero (HC1), {"CRV1": "a"}, {"CRV1": "a+b"} and
    {"CRV3": "a"}.
    """
    if vcov is None:
        names = (entity,) if cluster is None else (cluster,) if isinstance(cluster, str) else tuple(cluster)
        kind = "CRV1"
    elif isinstance(vcov, str):
        if vcov not in ("iid", "hetero", "HC1"):
            raise EstimationError(f"vcov {vcov!r} is not offered; use iid, hetero, CRV1 or CRV3")
        return Covariance("hetero" if vcov == "HC1" else vcov, ())
    else:
        if len(vcov) != 1 or next(iter(vcov)) not in ("CRV1", "CRV3"):
            raise EstimationError(f"vcov {dict(vcov)!r} is not offered; use CRV1 or CRV3 with a cluster column")
        kind, text = next(iter(vcov.items()))
        names = (text,) if text in columns else tuple(part.strip() for part in text.split("+"))
    if not 1 <= len(names) <= 2 or len(set(names)) < len(names):
        raise EstimationError(f"clusters must be one or two different columns, found {names}")
    if kind == "CRV3" and len(names) == 2:
        raise EstimationError("CRV3 takes one cluster column")
    return Covariance(kind, names)


def read_ssc(ssc: Mapping[str, Any] | None) -> dict[str, Any]:
    """The small-sample choices, defaults filled in. Raises EstimationError for an unknown key or value."""
    chosen = {**DEFAULT_SSC, **(ssc or {})}
    unknown = set(chosen) - set(DEFAULT_SSC)
    if unknown:
        raise EstimationError(f"unknown small-sample choices {sorted(unknown)}; known: {sorted(DEFAULT_SSC)}")
    allowed = {
        "k_adj": (True, False),
        "k_fixef": tuple(_K_FIXEF),
        "G_adj": (True, False),
        "G_df": ("min", "conventional"),
    }
    for key, values in allowed.items():
        if chosen[key] not in values:
            raise EstimationError(f"the small-sample choice {key} must be one of {values}, found {chosen[key]!r}")
    return chosen


def describe_ssc(ssc: Mapping[str, Any], covariance: Covariance) -> str:
    """The small-sample factor in words."""
    parts = []
    if ssc["G_adj"] and covariance.clusters:
        parts.append("G/(G-1)")
    if ssc["k_adj"]:
        parts.append("N/(N-k)" if covariance.kind == "hetero" else "(N-1)/(N-k)")
    factor = " x ".join(parts) or "1"
    words = f"{factor}, k = {_K_FIXEF[ssc['k_fixef']]}" if ssc["k_adj"] else factor
    if len(covariance.clusters) == 2 and ssc["G_adj"]:
        words += ", the smaller G" if ssc["G_df"] == "min" else ", each part its own G"
    return words


def jackknife_covariance(
    estimate: np.ndarray,
    outcome: np.ndarray,
    regressors: np.ndarray,
    trends: np.ndarray,
    entity: np.ndarray,
    time: np.ndarray,
    cluster: np.ndarray,
    terms: Sequence[str],
) -> np.ndarray:
    """Sum over clusters of (b_g - b)(b_g - b)', b_g estimated without cluster g; no small-sample factor yet.

    pyfixest's own loop drops to a loose tolerance and cannot leave out a cluster that carries a trend, hence
    this exact one. Raises EstimationError naming the term that is not identified without a cluster.
    """
    total = np.zeros((regressors.shape[1], regressors.shape[1]))
    for group in range(int(cluster.max()) + 1):
        rows = cluster != group
        effects = TwoWayEffects(*(np.unique(codes[rows], return_inverse=True)[1] for codes in (entity, time)))
        design = np.column_stack([trends[rows], regressors[rows]])
        residuals = effects.residuals(design)
        kept, _ = independent_columns(residuals, design - design.mean(axis=0))
        for position, term in enumerate(terms):
            if trends.shape[1] + position not in kept:
                raise EstimationError(f"CRV3: without one of the clusters {term!r} is not identified")
        target = effects.residuals(outcome[rows, None])[:, 0]
        scale = np.linalg.norm(residuals[:, kept], axis=0)
        solution = np.linalg.lstsq(residuals[:, kept] / scale, target, rcond=None)[0] / scale
        gap = solution[-len(terms) :] - estimate
        total += np.outer(gap, gap)
    return total
