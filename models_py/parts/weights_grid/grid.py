"""The rows of weights_grid: every matrix, construction and model, with posterior probabilities.

Belongs here: what is fitted and compared. Does not belong here: estimation and marginal likelihood (models_py/spatial),
drawing (figure.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from catalog.base import Text
from catalog.identity import ALL, Identity
from catalog.parts.weights_grid import Options
from models_py.econometrics.result import EstimationError
from models_py.panel import ENTITY
from models_py.parts.findings import both
from models_py.parts.frame import Tables, Work
from models_py.parts.regressions.variables import in_variant, prepare_variables, variants_of
from models_py.parts.rows import as_table, note
from models_py.parts.spatial_weights import made
from models_py.spatial.marginal import log_marginal, posterior, unit_g
from models_py.spatial.panel_data import spatial_panel
from models_py.spatial.spatial_durbin import fit_panel
from models_py.spatial.weights import WeightsError


def grid_tables(work: Work) -> Tables:
    """Table weights_grid. A matrix that cannot be made, or a model that cannot be estimated under it, has a row that
    says why; raises EstimationError if that is so of all.
    """
    matrices, refused = _matrices(work)
    rows = list(_rows(work, matrices, refused))
    fine = [row for row in rows if row.get("log_marginal") is not None]
    if not fine:
        raise EstimationError(f"{work.study.id}, weights_grid: nothing could be estimated: {rows[0]['note_en']}")
    for construction in dict.fromkeys(row["variant"] for row in fine):
        own = [row for row in fine if row["variant"] == construction]
        shares = posterior([row["log_marginal"] for row in own])
        for row, share in zip(own, shares, strict=True):
            row["posterior"] = float(share)
    return {"weights_grid": as_table(rows, "weights_grid")}


def _matrices(work: Work) -> tuple[dict[str, pd.DataFrame], dict[str, WeightsError]]:
    found: dict[str, pd.DataFrame] = {}
    refused: dict[str, WeightsError] = {}
    for name in work.options.weights:
        try:
            found[name] = made(name, work.panel, work.tables, work.options.economic_by)
        except WeightsError as error:
            refused[name] = error
    return found, refused


def _rows(work: Work, matrices: dict[str, pd.DataFrame], refused: dict[str, WeightsError]) -> Iterator[dict[str, Any]]:
    options, study = work.options, work.study
    own = prepare_variables(work.tables["figures"], work.offered, study, work.panel)
    for construction in options.constructions_among(variants_of(work.offered, options.outcome)):
        frame = in_variant(own, work.offered, options.outcome, construction, study) if construction else own
        for name in options.weights:
            for model in options.models:
                identity = Identity(
                    study.id, options.table_no, options.outcome, sample=ALL, estimator=model, weights=name,
                    variant=construction,
                )  # fmt: skip
                try:
                    if name in refused:
                        raise refused[name]
                    found = _fitted(frame, matrices[name], model, options)
                except EstimationError as error:
                    found = note(f"Not estimated: {error}.", f"未能估计：{error}。")
                yield {**identity.columns, **found}


def _fitted(frame: pd.DataFrame, matrix: pd.DataFrame, model: Any, options: Options) -> dict[str, Any]:
    lagged = options.regressors if model in ("sdm", "slx") else ()
    panel = spatial_panel(frame, options.outcome, options.regressors, ENTITY, "year", matrix, lagged=lagged)
    fit = fit_panel(panel, model, "transformation", draws=2)
    low, high = panel.weights.interval
    name = {"sem": "lambda", "slx": ""}.get(model, "rho")
    rows = fit.estimates[(fit.estimates["term"] == name) & (fit.estimates["effect"] == "coef")]
    shown = ("estimate", "std_error", "ci_low", "ci_high")
    values = (
        dict(zip(("rho", "std_error", "ci_low", "ci_high"), rows[list(shown)].iloc[0], strict=True)) if name else {}
    )
    g = unit_g(fit.likelihood) if options.g is None else options.g
    said = prior_words(g, (low, high), name)
    return {
        **values,
        "interval_low": low if np.isfinite(low) else None,
        "interval_high": high if np.isfinite(high) else None,
        "components": panel.weights.components,
        "log_likelihood": fit.fit["log_likelihood"],
        "log_marginal": log_marginal(fit.likelihood, g),
        "n_obs": fit.fit["n_obs"],
        **note(said.en, said.zh),
    }


def prior_words(g: float, interval: tuple[float, float], name: str) -> Text:
    """The priors of one row."""
    of, zh = (
        (
            f"{name} uniform on ({interval[0]:.3f}, {interval[1]:.3f})",
            f"{name}在({interval[0]:.3f}, {interval[1]:.3f})上均匀",
        )
        if name
        else ("no coefficient of dependence", "无空间相关系数")
    )
    return both(
        f"Priors: coefficients normal, Zellner's with g = {g:.6g}; {of}; variance 1 / sigma2; weights and "
        "models equal.",
        f"先验：系数为Zellner正态先验，g＝{g:.6g}；{zh}；方差先验1/σ²；各权重与模型先验相等。",
    )
