"""Every spatial model a study asks for, fitted: the rows of estimate, model_fit, spec_test and spillover.

Belongs here: which models are fitted, and their rows. Does not belong here: estimation (models_py/spatial), words
(words.py), printing (tables.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from catalog import Study
from catalog.identity import ALL, Identity, variant_choices, variant_of
from catalog.labels import variable_unit
from catalog.parts.spatial_durbin import Correction, Effects, Model, Options, Vcov
from models_py.econometrics.chi_squared import chi_squared_rows, wald
from models_py.econometrics.result import EstimationError
from models_py.panel import ENTITY, REGIONS, Panel
from models_py.parts.frame import Tables, Work
from models_py.parts.regressions.variables import in_variant, prepare_variables
from models_py.parts.rows import as_table, note, typed
from models_py.parts.spatial_durbin.words import Names, diagnostic_words, fit_words, verdict_words
from models_py.parts.spatial_weights import weights_of_study
from models_py.spatial.likelihood import Likelihood, counted
from models_py.spatial.panel_data import Dynamic, spatial_panel
from models_py.spatial.spatial_durbin import SpatialFit, fit_spatial_durbin
from models_py.spatial.spatial_tests import LM_TESTS, lm_statistics, moran_of_residuals
from models_py.spatial.weight_types import among

YEAR = "year"
NOT_ESTIMABLE = "not_estimable"
MORAN = "moran_pooled"


@dataclass(frozen=True)
class Choice:
    """One model among those asked for; `sample`: all, or a region."""

    weights: str
    model: Model
    effects: Effects
    correction: Correction
    errors: Vcov
    dynamic: Dynamic | None = None
    sample: str = ALL
    construction: str = ""


@dataclass(frozen=True)
class Maker:
    """What all models of a study are made from: `frame`, one row per entity and year; `weights` by name; `offered`,
    tables of other parts, for other constructions of the outcome.
    """

    study: Study
    panel: Panel
    options: Options
    frame: pd.DataFrame
    weights: Mapping[str, pd.DataFrame]
    offered: Tables

    @cached_property
    def own(self) -> Choice:
        """The study's own choice."""
        options = self.options
        return Choice(
            options.weights[0],
            options.models[0],
            options.effects[0],
            options.bias_corrections[0],
            options.errors[0],
        )

    @property
    def choices(self) -> Iterator[Choice]:
        """The study's own, then others, each one step away from it."""
        own, options = self.own, self.options
        yield own
        yield from (replace(own, model=one) for one in options.models[1:])
        yield from (replace(own, correction=one) for one in options.bias_corrections[1:])
        yield from (replace(own, errors=one) for one in options.errors[1:])
        yield from (replace(own, effects=one) for one in options.effects[1:])
        yield from (replace(own, weights=one) for one in options.weights[1:])
        yield from (replace(own, dynamic=one) for one in options.dynamic)
        yield from (replace(own, construction=one) for one in options.constructions)
        if options.regions:
            held = {entity.region for entity in self.panel.entities}
            yield from (replace(own, sample=region) for region in REGIONS if region in held)

    def identity(self, choice: Choice, table_no: str | None = None) -> Identity:
        """What results of a choice belong to; whatever is not the study's own is in the variant."""
        named = {"bias_correction": "correction", "dynamic": "dynamic", "effects": "effects", "vcov": "errors"}
        varied = {
            key: getattr(choice, name)
            for key, name in named.items()
            if getattr(choice, name) != getattr(self.own, name)
        }
        tables = self.options.tables
        return Identity(
            self.study.id,
            table_no or (tables.estimates if choice.sample == ALL else tables.regions),
            self.options.outcome,
            sample=choice.sample,
            estimator=choice.model,
            weights=choice.weights,
            variant=variant_of({**varied, **variant_choices(choice.construction)}),
        )

    def data(self, choice: Choice) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Rows and weights of a sample: those among the places of a region row-standardised again."""
        if choice.construction:
            outcome = self.options.outcome
            frame = in_variant(self.frame, self.offered, outcome, choice.construction, self.study)
            return frame, self.weights[choice.weights]
        if choice.sample == ALL:
            return self.frame, self.weights[choice.weights]
        codes = [entity.code for entity in self.panel.entities if entity.region == choice.sample]
        return self.frame[self.frame[ENTITY].isin(codes)], among(self.weights[choice.weights], codes)

    def fit(self, choice: Choice) -> SpatialFit:
        """The fitted model. Raises EstimationError."""
        frame, weights = self.data(choice)
        options = self.options
        return fit_spatial_durbin(
            frame,
            options.outcome,
            options.regressors,
            ENTITY,
            YEAR,
            weights,
            model=choice.model,
            effects=choice.effects,
            bias_correction=choice.correction,
            lagged=options.lagged if choice.model in ("sdm", "slx") else None,
            islands=options.islands,
            vcov=choice.errors,
            draws=options.draws,
            seed=options.seed,
            dynamic=choice.dynamic,
        )

    @cached_property
    def names(self) -> Names:
        """What its words call outcome, regressors and units."""
        return Names(self.study, self.panel, self.options.outcome, self.options.regressors)


def maker_of(work: Work) -> Maker:
    """What all models are made from. Raises StudyError, WeightsError."""
    frame = prepare_variables(work.tables["figures"], work.offered, work.study, work.panel)
    used = [ENTITY, YEAR, work.options.outcome, *work.options.regressors]
    return Maker(work.study, work.panel, work.options, frame[used], weights_of_study(work), work.offered)


def spatial_tables(work: Work) -> Tables:
    """Shares of estimate, model_fit and spec_test, and spillover. Raises EstimationError if the study's own model
    cannot be estimated; any other one that cannot has a row `not_estimable` that says why.
    """
    maker = maker_of(work)
    estimates: list[pd.DataFrame] = []
    fits: list[dict[str, Any]] = []
    tests: list[dict[str, Any]] = []
    own: SpatialFit | None = None
    for choice in maker.choices:
        try:
            found = maker.fit(choice)
            own = own or found
        except EstimationError as error:
            if own is None:
                raise EstimationError(f"{maker.identity(choice).place}: {error}") from error
            tests.append(_refused(maker, choice, error))
            continue
        estimates.append(_estimates(maker, choice, found))
        fits.append(_fit_row(maker, choice, found))
        tests += [*_diagnostics(maker, choice, found), *_nested(maker, choice, found)]
    tests += specification_tests(maker)
    assert own is not None
    return {
        "estimate": pd.concat(estimates, ignore_index=True),
        "model_fit": as_table(fits, "model_fit"),
        "spec_test": as_table(tests, "spec_test"),
        "spillover": spillovers(maker, own),
    }


def _refused(maker: Maker, choice: Choice, error: EstimationError) -> dict[str, Any]:
    said = note(f"Not estimated: {error}.", f"未能估计：{error}。")
    return {**maker.identity(choice).columns, "test": NOT_ESTIMABLE, "subject": "", **said}


def _estimates(maker: Maker, choice: Choice, found: SpatialFit) -> pd.DataFrame:
    rows = found.estimates.assign(**maker.identity(choice).columns, n_obs=found.fit["n_obs"])
    units = [_unit(maker.study, maker.options.outcome, str(term)) for term in rows["term"]]
    return typed(rows.assign(**pd.DataFrame(units, index=rows.index)), "estimate")


def _unit(study: Study, outcome: str, term: str) -> dict[str, str | None]:
    """Unit of a coefficient; none for rho, lambda and the outcome's own lags."""
    name = term.removeprefix("W_")
    if name not in study.variable_names:
        return {"unit_en": None, "unit_zh": None}
    of, per = variable_unit(study, outcome), variable_unit(study, name)
    return {"unit_en": f"{of.en or '1'} per {per.en or '1'}", "unit_zh": f"{of.zh or '1'}／{per.zh or '1'}"}


def _fit_row(maker: Maker, choice: Choice, found: SpatialFit) -> dict[str, Any]:
    kept = ("n_obs", "n_dropped", "n_clusters", "r2", "r2_within", "log_likelihood", "aic", "bic", "formula")
    options = maker.options.model_dump(mode="json")
    said = fit_words(maker.names, found)
    return {
        **maker.identity(choice).columns,
        **{name: found.fit[name] for name in kept},
        **note(said.en, said.zh),
        "configuration": json.dumps(options, sort_keys=True, ensure_ascii=False),
    }


def _diagnostics(maker: Maker, choice: Choice, found: SpatialFit) -> Iterator[dict[str, Any]]:
    """The feasible interval, how near the estimate is to its ends, whether powers of W converge, components, draws."""
    evidence, weights = found.evidence, found.likelihood.panel.weights
    low, high = evidence["interval"]
    at = found.optimum.lam if choice.model == "sem" else found.optimum.rho
    values: dict[str, float] = {"components": evidence["components"]}
    if choice.model != "slx":
        values |= {
            "interval_low": low,
            "interval_high": high,
            "near_edge": min(at - low, high - at),
            "no_series": float(abs(at) * weights.radius >= 1),
            "redrawn": evidence["redrawn"],
        }
    for test, value in values.items():
        said = diagnostic_words(test, value, at)
        yield {
            **maker.identity(choice).columns,
            "test": test,
            "subject": "",
            "statistic": float(value) if np.isfinite(value) else None,
            **note(said.en, said.zh),
        }


def _nested(maker: Maker, choice: Choice, found: SpatialFit) -> Iterator[dict[str, Any]]:
    """Wald and likelihood-ratio tests of the SDM."""
    try:
        rows = found.tests
    except EstimationError as error:
        yield _refused(maker, choice, error) | {"subject": "lr"}
        return
    yield from _tested(maker, choice, rows)


def _tested(maker: Maker, choice: Choice, rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    identity = maker.identity(choice, maker.options.tables.tests if choice.sample == ALL else None)
    for row in rows.to_dict("records"):
        said = verdict_words(maker.names, str(row["test"]), float(row["statistic"]), row["df"], float(row["p_value"]))
        found = {str(name): value for name, value in row.items()}
        yield {**identity.columns, "subject": "", **found, **note(said.en, said.zh)}


def specification_tests(maker: Maker) -> Iterator[dict[str, Any]]:
    """Tests on models without space for every choice of effects, likelihood ratios of the effects, Mundlak's test; for
    the study's own weights, then for other weights and regions with the study's own effects.
    """
    own = maker.own
    every = [replace(own, effects=one) for one in maker.options.effects]
    others = [one for one in maker.choices if one.weights != own.weights or one.sample != ALL]
    for choice in [*every, *others]:
        yield from _where_defined(maker, choice, lambda one: _without_space(maker, one))
    for choice in [own, *others]:
        yield from _where_defined(maker, choice, lambda one: effects_tests(maker, one))
        yield from _where_defined(maker, choice, lambda one: mundlak_test(maker, one))


def _where_defined(maker: Maker, choice: Choice, test: Any) -> Iterator[dict[str, Any]]:
    """The rows of a test; none where the sample does not allow it, which the model's own row tells already."""
    try:
        rows = test(choice)
    except EstimationError:
        return
    yield from _tested(maker, choice, rows)


def _without_space(maker: Maker, choice: Choice) -> pd.DataFrame:
    """Moran's z of the residuals and the Lagrange multipliers, after least squares with the effects."""
    frame, weights = maker.data(choice)
    options = maker.options
    panel = spatial_panel(
        frame,
        options.outcome,
        options.regressors,
        ENTITY,
        YEAR,
        weights,
        effects=choice.effects,
        islands=options.islands,
    )
    from scipy.special import ndtr

    _, z = moran_of_residuals(panel)
    first = pd.DataFrame([{"test": MORAN, "statistic": z, "df": None, "p_value": 2 * float(ndtr(-abs(z)))}])
    return pd.concat([first, chi_squared_rows(list(zip(LM_TESTS, lm_statistics(panel), [1] * 4, strict=True)))])


def effects_tests(maker: Maker, choice: Choice) -> pd.DataFrame:
    """Likelihood ratios of both effects against those of entities alone (df T - 1) and of years alone (df N - 1).

    All without a bias correction, so that the three likelihoods are of the same data.
    """
    frame, weights = maker.data(choice)
    options, reached = maker.options, {}
    lagged = list(options.regressors if options.lagged is None else options.lagged)
    for effects in ("two-way", "entity", "time"):
        panel = spatial_panel(
            frame,
            options.outcome,
            options.regressors,
            ENTITY,
            YEAR,
            weights,
            effects=effects,
            lagged=lagged if choice.model in ("sdm", "slx") else [],
            islands=options.islands,
        )
        reached[effects] = Likelihood(panel, choice.model, counted(panel, "none")).optimum().log_likelihood
        periods, places = panel.shape
    both = reached["two-way"]
    tests = [
        ("lr_time_effects", 2 * (both - reached["entity"]), periods - 1),
        ("lr_entity_effects", 2 * (both - reached["time"]), places - 1),
    ]
    return chi_squared_rows(tests)


def mundlak_test(maker: Maker, choice: Choice) -> pd.DataFrame:
    """Whether the means over time of the regressors and of their lags belong in the model with effects of years.

    Mundlak (1978), Econometrica 46(1), in the form of Wooldridge (2010, section 10.7.3): a Wald test with errors
    clustered by entity; what it rejects is that effects of entities are unrelated to the regressors.
    """
    frame, weights = maker.data(choice)
    options, names = maker.options, list(maker.options.regressors)
    lags = names if options.lagged is None else list(options.lagged)
    places = sorted(frame[ENTITY].unique())
    means = frame.groupby(ENTITY)[names].mean().loc[places]
    lagged = pd.DataFrame(weights.loc[places, places].to_numpy() @ means[lags].to_numpy(), index=places)
    added = {
        **{f"mean_{name}": means[name] for name in names},
        **{f"mean_W_{name}": lagged[at] for at, name in enumerate(lags)},
    }
    wide = frame.assign(**{name: frame[ENTITY].map(column) for name, column in added.items()})
    found = fit_spatial_durbin(
        wide, options.outcome, [*names, *added], ENTITY, YEAR, weights,
        model="sdm", effects="time", bias_correction="none", lagged=lags, islands=options.islands, vcov="cluster",
        draws=2,
    )  # fmt: skip
    at = [found.names.index(name) for name in added]
    if len(at) >= len(places):
        raise EstimationError(f"{len(places)} clusters cannot test {len(at)} coefficients together")
    values = np.array([found.value(name) for name in added])
    return chi_squared_rows([("mundlak", wald(values, found.cov[np.ix_(at, at)]), len(at))])


def spillovers(maker: Maker, found: SpatialFit) -> pd.DataFrame:
    """Rows of spillover for the study's own model: with all feedback, and by power of W where the series converges."""
    panel, options = found.likelihood.panel, maker.options
    weights, rho = panel.weights, found.optimum.rho
    codes = np.array(weights.names)
    blocks = []
    for name in options.regressors:
        beta, theta = found.value(name), found.value(f"W_{name}")
        matrices = {ALL: found.effects_matrix(name).to_numpy()}
        if abs(rho) * weights.radius < 1:
            power = np.eye(weights.n)
            for order in range(options.orders + 1):
                # (I + rho W + ...)(beta I + theta W): beta at power 0, rho^(k-1) (rho beta + theta) at power k.
                matrices[str(order)] = power * (beta if order == 0 else rho ** (order - 1) * (rho * beta + theta))
                power = power @ weights.matrix
        blocks += [_block(name, order, matrix, codes) for order, matrix in matrices.items()]
    rows = pd.concat(blocks, ignore_index=True).assign(**maker.identity(maker.own).columns)
    return typed(rows, "spillover")


def _block(term: str, order: str, matrix: np.ndarray, codes: np.ndarray) -> pd.DataFrame:
    """Cells of one matrix, destination in its rows; of a power of W only those with weight."""
    to, origin = np.nonzero(np.ones_like(matrix) if order == ALL else matrix)
    return pd.DataFrame(
        {
            "term": term,
            "origin_code": codes[origin],
            "destination_code": codes[to],
            "order": order,
            "effect": matrix[to, origin],
        }
    )
