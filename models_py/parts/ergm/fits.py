"""Every network model a study asks for, fitted: the rows of estimate, model_fit, spec_test and tie_probability.

Belongs here: which models are fitted on which networks, and their rows. Does not belong here: likelihoods
(models_py/network), frames of a network (prepared.py), words (words.py), printing (tables.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from catalog import Study
from catalog.base import Text
from catalog.identity import Identity, variant_of
from catalog.parts import network
from catalog.parts.ergm import Nodal, Options, TableSpec, Unlisted
from models_py.network.ergm import ErgmFit, fit_model, likelihood_ratio
from models_py.network.graph import Network, NetworkError, network_of
from models_py.network.model import Model, model_of
from models_py.network.probability import tie_probability
from models_py.network.terms import coefficients
from models_py.parts.ergm.prepared import Prepared, covariates, prepare
from models_py.parts.ergm.words import (
    Names,
    fit_words,
    refused_words,
    sampled_words,
    test_words,
    too_large_words,
    treatment_words,
)
from models_py.parts.frame import Tables, Work
from models_py.parts.rows import as_table, note, together

ESTIMATOR = "ergm"
NOT_ESTIMABLE, NOT_SIMULATED, NESTED = "not_estimable", "not_simulated", "lr_nested"


@dataclass(frozen=True)
class Choice:
    """One model on one network under one treatment of unlisted pairs."""

    table: TableSpec
    network: str
    model: str
    treatment: Unlisted


@dataclass(frozen=True)
class Maker:
    """What all models of a study are made from."""

    study: Study
    options: Options
    networks: network.Options
    tables: Tables

    @cached_property
    def prepared(self) -> dict[str, Prepared]:
        """Networks by name, with the variables their models use. Raises NetworkError."""
        used: dict[str, list[str]] = {}
        for table in self.options.tables:
            for name in table.networks:
                used.setdefault(name, []).extend(variables_of(table, self.options.nodal))
        specs = self.networks.networks
        return {
            name: prepare(name, specs[name], self.options.nodal, list(dict.fromkeys(variables)), self.tables)
            for name, variables in used.items()
        }

    def treatments(self, name: str) -> tuple[Unlisted, ...]:
        """Ways to treat unlisted pairs of a network, the study's own first; one where no list is cut off."""
        return self.options.unlisted if self.prepared[name].listed_by else self.options.unlisted[:1]

    def network_of(self, choice: Choice) -> Network:
        """The network a model is fitted on. Raises NetworkError."""
        found = self.prepared[choice.network]
        return network_of(
            found.nodes, found.edges, covariates(found, choice.table.dyads), True, found.observed(choice.treatment)
        )

    def identity(self, choice: Choice) -> Identity:
        """What results of a choice belong to."""
        varied = {} if choice.treatment == self.options.unlisted[0] else {"unlisted": choice.treatment}
        return Identity(
            self.study.id, choice.table.table_no, choice.model, sample=choice.network, estimator=ESTIMATOR,
            variant=variant_of(varied),
        )  # fmt: skip


def variables_of(table: TableSpec, nodal: Nodal, model: str | None = None) -> list[str]:
    """Variables of nodes that the models of a table name, or one of them."""
    terms = " ".join(term for one in table.models if model in (None, one) for term in table.terms(one))
    return [name for name in nodal.variables if f"'{name}'" in terms or f'"{name}"' in terms]


@dataclass(frozen=True)
class Made:
    """Rows of the four tables of one network of a table."""

    estimates: list[dict[str, Any]]
    fits: list[dict[str, Any]]
    tests: list[dict[str, Any]]
    probabilities: list[dict[str, Any]]


def ergm_tables(work: Work) -> Tables:
    """Shares of estimate, model_fit and spec_test, and tie_probability. A model that cannot be estimated has a row
    `not_estimable` that says why, one that is too long to simulate a row `not_simulated`.

    Raises NetworkError if the headline model of a table cannot be estimated.
    """
    maker = Maker(work.study, work.options, work.study.options(network.Options), work.tables)
    made = Made([], [], [], [])
    for table in work.options.tables:
        names = Names(work.options.nodal, table)
        for one in table.networks:
            for treatment in maker.treatments(one):
                _fit_all(maker, table, one, treatment, names, made)
    return {
        "estimate": as_table(made.estimates, "estimate"),
        "model_fit": as_table(made.fits, "model_fit"),
        "spec_test": as_table(made.tests, "spec_test"),
        "tie_probability": as_table(made.probabilities, "tie_probability"),
    }


def _fit_all(maker: Maker, table: TableSpec, name: str, treatment: Unlisted, names: Names, made: Made) -> None:
    """All models of a table on a network, in order, so that each finds the one it is like."""
    own = treatment == maker.options.unlisted[0]
    reached: dict[str, ErgmFit] = {}
    network_ = maker.network_of(Choice(table, name, table.headline, treatment))
    for model, spec in table.models.items():
        choice = Choice(table, name, model, treatment)
        identity = maker.identity(choice).columns
        terms = table.terms(model)
        simulated = any(one.tables for one in coefficients(network_, terms))
        if simulated and network_.n > maker.options.simulated_nodes:
            if own:
                made.tests.append(_too_large(identity, network_.n, maker.options.simulated_nodes))
            continue
        # Other treatments are for the headline, and for a simulated model whose own one is refused for unknown pairs.
        refused = simulated and treatment == "all_zero" and maker.prepared[name].unknown > 0
        if not own and model != table.headline and not refused:
            continue
        try:
            found = fit_model(model_of(network_, terms), maker.options.seed)
        except NetworkError as error:
            if own and model == table.headline:
                raise NetworkError(f"{maker.identity(choice).place}: {error}") from error
            said = refused_words(error)
            made.tests.append({**identity, "test": NOT_ESTIMABLE, "subject": "", **note(said.en, said.zh)})
            continue
        reached[model] = found
        made.estimates.extend(_estimates(identity, found, names))
        made.fits.append(_fit_row(maker, choice, found, names))
        made.tests.extend(_tests(identity, found, table, spec.like, reached))
        if own:
            made.probabilities.extend(_probabilities(maker, choice, found, names))


def _too_large(identity: Mapping[str, str], nodes: int, most: int) -> dict[str, Any]:
    said = too_large_words(nodes, most)
    return {**identity, "test": NOT_SIMULATED, "subject": "", "statistic": float(nodes), **note(said.en, said.zh)}


def _estimates(identity: Mapping[str, str], fit: ErgmFit, names: Names) -> Iterator[dict[str, Any]]:
    """Coefficients; of all but edges the odds ratio per unit, of covariates with more values than zero and one also
    the coefficient and the odds ratio per standard deviation over the observed dyads.
    """
    spreads = spreads_of(fit.model)
    for row in fit.estimates.to_dict("records"):
        term = str(row["term"])
        unit = names.unit(term)
        base: dict[str, Any] = {**identity, **{str(k): v for k, v in row.items()}, "n_obs": fit.fit["n_obs"]}
        yield base | {"unit_en": unit.en, "unit_zh": unit.zh}
        if term == "edges" or row["method"] == "fixed":
            continue
        yield _odds(base, 1.0, "odds_ratio")
        if term in spreads:
            sd = spreads[term]
            yield base | {name: base[name] * sd for name in ("estimate", "std_error", "ci_low", "ci_high")} | {
                "effect": "per_sd", "unit_en": "log-odds per SD", "unit_zh": "对数优势／标准差",
            }  # fmt: skip
            yield _odds(base, sd, "odds_ratio_sd")


def _odds(base: Mapping[str, Any], step: float, effect: str) -> dict[str, Any]:
    """An odds ratio: error by the delta method, interval by the ends of the coefficient's."""
    value = float(np.exp(base["estimate"] * step))
    return {
        **base,
        "effect": effect,
        "method": "delta",
        "estimate": value,
        "std_error": value * base["std_error"] * step,
        "ci_low": float(np.exp(base["ci_low"] * step)),
        "ci_high": float(np.exp(base["ci_high"] * step)),
        "unit_en": "odds ratio",
        "unit_zh": "优势比",
    }


def spreads_of(model: Model) -> dict[str, float]:
    """Standard deviations over the observed dyads of covariates with more values than zero and one, by term."""
    moments = model.design.moments
    return {
        one.name: float(moments.sd[at])
        for at, one in enumerate(model.free)
        if one.values is not None and one.cell is None and one.name != "edges"
    }


def _fit_row(maker: Maker, choice: Choice, fit: ErgmFit, names: Names) -> dict[str, Any]:
    kept = ("n_obs", "log_likelihood", "aic", "bic", "formula")
    prepared, nodes = maker.prepared[choice.network], fit.model.network.n
    said = together([fit_words(fit), treatment_words(prepared, choice.treatment, fit), names.scale_words(prepared)])
    return {
        **maker.identity(choice).columns,
        **{name: fit.fit[name] for name in kept},
        "n_dropped": nodes * (nodes - 1) - int(fit.fit["n_obs"]),
        **note(said.en, said.zh),
        "configuration": json.dumps(
            {
                "terms": list(choice.table.terms(choice.model)),
                "nodal": maker.options.nodal.model_dump(mode="json"),
                "dyads": choice.table.dyads,
                "unlisted": choice.treatment,
                "seed": maker.options.seed,
            },
            sort_keys=True,
            ensure_ascii=False,
        ),
    }


def _tests(
    identity: Mapping[str, str], fit: ErgmFit, table: TableSpec, like: str | None, reached: Mapping[str, ErgmFit]
) -> Iterator[dict[str, Any]]:
    """Wald and likelihood-ratio tests of the model, its test against the one it is like, and what sampling says."""
    for row in fit.tests.to_dict("records"):
        yield _test(identity, {str(key): value for key, value in row.items()}, "", Text(en="", zh=""))
    if like is not None and like in reached:
        try:
            nested = likelihood_ratio(reached[like], fit).to_dict("records")
        except NetworkError as error:
            said = refused_words(error)
            yield {**identity, "test": NESTED, "subject": like, **note(said.en, said.zh)}
        else:
            found = {str(key): value for key, value in nested[0].items()}
            yield _test(identity, {**found, "test": NESTED}, like, table.model_title(like))
    yield from _sampled(identity, fit)


def _test(identity: Mapping[str, str], row: Mapping[str, Any], subject: str, within: Text) -> dict[str, Any]:
    said = test_words(str(row["test"]), within, float(row["statistic"]), int(row["df"]), float(row["p_value"]))
    return {**identity, "subject": subject, **row, **note(said.en, said.zh)}


def _sampled(identity: Mapping[str, str], fit: ErgmFit) -> Iterator[dict[str, Any]]:
    """Effective draws, R-hat and error of simulation by term, and the error of the log-likelihood."""
    simulated = fit.solution.simulated
    if simulated is None:
        return
    for row in simulated.diagnostics.to_dict("records"):
        for test, column in (("mcmc_draws", "ess"), ("mcmc_rhat", "rhat"), ("mcmc_error", "mc_error")):
            yield _figure(identity, test, str(row["term"]), float(row[column]))
    yield _figure(identity, "log_likelihood_error", "", float(simulated.log_likelihood_error))


def _figure(identity: Mapping[str, str], test: str, subject: str, value: float) -> dict[str, Any]:
    said = sampled_words(test)
    return {**identity, "test": test, "subject": subject, "statistic": value, **note(said.en, said.zh)}


# What the engine calls a marginal effect is a difference here: nothing is known of what would happen.
_QUANTITIES = {
    "mean_probability": "average",
    "marginal_effect": "marginal",
    "marginal_effect_sd": "marginal_sd",
    "tie": "tie",
}


def _probabilities(maker: Maker, choice: Choice, fit: ErgmFit, names: Names) -> Iterator[dict[str, Any]]:
    spreads, pairs = spreads_of(fit.model), pd.DataFrame(list(choice.table.pairs), columns=["origin", "destination"])
    for row in tie_probability(fit, pairs if len(pairs) else None).to_dict("records"):
        quantity, term = _QUANTITIES[str(row["quantity"])], str(row["term"])
        if quantity == "marginal_sd" and term not in spreads:
            continue
        unit = names.of_probability(quantity, term)
        yield {
            "study": maker.study.id,
            "network": choice.network,
            "table_no": choice.table.table_no,
            "model": choice.model,
            **{str(key): value for key, value in row.items()},
            "quantity": quantity,
            "unit_en": unit.en,
            "unit_zh": unit.zh,
        }
