"""The Stata do-file of a bundle.

Belongs here: its text. Does not belong here: which models and numbers (samples.py).

How reghdfe counts parameters, read from its source (version 6, reghdfe_vce_cluster and estimate_dof): the factor is
G/(G-1) x (N-1)/(N-K) with K = regressors + absorbed effects that are not nested in the clusters, less one, plus one
for the constant. Provinces are the clusters, so K = regressors + trends + periods, which is also pyfixest's and
fixest's k. With period dummies as regressors, xtreg, fe counts those that are independent and a constant: the same,
unless the periods are region x year; areg counts the independent ones and the entities.
"""

import math

import pandas as pd

from medpanel.replication.names import comment, heading, packed
from medpanel.replication.samples import ScriptModel, words

TOLERANCE = "1e-6"
_HEAD = """\
version 16
clear all
set more off
set varabbrev off
set linesize 120

* Once: ssc install require, ssc install ftools, ssc install reghdfe (version 6 or later)
capture which reghdfe
if _rc {{
    display as error "reghdfe is not installed: ssc install require, ssc install ftools, ssc install reghdfe"
    exit 199
}}

* Coefficient and standard error of one regressor, each within {tolerance} of the expected one, in units of scale.
program define check_term
    version 16
    args term estimate std_error scale
    display as text "  `term'" _column(38) as result %14.8f _b[`term'] "  (" %12.8f _se[`term'] ")"
    assert abs(_b[`term'] - (`estimate')) < {tolerance} * (`scale')
    assert abs(_se[`term'] - (`std_error')) < {tolerance} * (`scale')
end

* Standard errors: reghdfe multiplies by G/(G-1) * (N-1)/(N-K), K = regressors + trends + periods; the {unit}
* effects are nested in the clusters and not counted. The study uses the same factor.
* xtreg, fe vce(cluster {code}) and areg, absorb({code}) vce(cluster {code}), both with period
* dummies, give the same coefficients. Their K, and by how much their standard errors differ, stands at each model:
* areg counts the {units} too.
"""


def do_file(
    models: list[ScriptModel], sample_names: dict[int, str], expected: pd.DataFrame, said: tuple[str, ...]
) -> str:
    """The do-file: every model by reghdfe, its results printed, each number asserted."""
    blocks = [
        _block(model, sample_names[model.sample], expected[expected["model_key"] == model.key]) for model in models
    ]
    last = f'display as text "All {len(expected)} coefficients and standard errors were found again."\n'
    return "\n".join([heading(said, "*"), _HEAD.format(tolerance=TOLERANCE, **words(models)), *blocks, last])


def _block(model: ScriptModel, sample: str, rows: pd.DataFrame) -> str:
    title = comment(f"{model.key}: {model.title}")
    slopes = len(model.regressors) + len(model.trends)
    k = slopes + model.n_times
    others = {"xtreg": slopes + model.rank - model.n_clusters + 1, "areg": slopes + model.rank}
    said = [f"{name}: K = {other}, standard errors x {_ratio(model.n_obs, k, other)}" for name, other in others.items()]
    lines = [
        f"* {title}",
        f"* K = {len(model.regressors)} + {len(model.trends)} + {model.n_times} = {k}; {', '.join(said)}",
        f'display as text _newline "{title}"',
        f'use "{sample}", clear',
        "quietly keep if in_sample == 1",
        *_trends(model),
        *_regression(model),
        f"assert e(N) == {model.n_obs}",
        f"assert e(N_clust) == {model.n_clusters}",
        *(
            f"check_term {row.variable} {row.estimate!r} {row.std_error!r} {row.scale!r}"
            for row in rows.itertuples(index=False)
        ),
        *_bootstrap(model),
    ]
    return "\n".join(lines) + "\n"


def _ratio(n_obs: int, k: int, other: int) -> str:
    return f"{math.sqrt((n_obs - k) / (n_obs - other)):.4f}" if n_obs > other else "without limit"


def _trends(model: ScriptModel) -> list[str]:
    if not model.trends:
        return []
    # i.<entity>#c.year without the slopes that are sums of others, so that nothing is left for Stata to omit.
    return [
        f"* Trends: i.{model.code}#c.year less the slopes that depend on the others.",
        "quietly summarize year",
        "local first = r(min)",
        "local trends",
        *_wrapped("foreach entity of numlist", [str(code) for code in model.trends], end=" {"),
        f"    quietly generate double trend_`entity' = ({model.code} == `entity') * (year - `first')",
        "    local trends `trends' trend_`entity'",
        "}",
    ]


def _regression(model: ScriptModel) -> list[str]:
    # The study keeps entities and periods with one row; reghdfe drops them unless told not to.
    keep = " keepsingletons" if model.singletons else ""
    options = f"    , absorb({model.code} {model.time}) vce(cluster {model.code}) tolerance(1e-10){keep}"
    return [*_wrapped("reghdfe", [model.outcome, *_slopes(model)], end=" ///"), options]


def _slopes(model: ScriptModel) -> list[str]:
    return [*model.regressors, *(["`trends'"] if model.trends else [])]


def _bootstrap(model: ScriptModel) -> list[str]:
    dummies = [*_slopes(model), f"i.{model.time}"]
    return [
        "* Optional, wild cluster bootstrap (ssc install boottest; it allows one set of absorbed effects):",
        f"* quietly reghdfe {model.outcome} {' '.join(dummies)}, absorb({model.code}) vce(cluster {model.code})",
        f"* boottest {model.regressors[0]}, reps(9999) weighttype(webb) seed(1)",
    ]


def _wrapped(command: str, words: list[str], end: str) -> list[str]:
    *lines, last = packed((f" {word}" for word in words), first=command, more="   ", width=101)
    return [*(f"{line} ///" for line in lines), last + end]
