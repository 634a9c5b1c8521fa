"""The scripts of a bundle: every model refitted in Stata, R and Python, each number compared with the expected one.

Belongs here: the text of the scripts. Does not belong here: which models and numbers (samples.py).

How reghdfe counts parameters, read from its source (version 6, reghdfe_vce_cluster and estimate_dof): the factor is
G/(G-1) x (N-1)/(N-K) with K = regressors + absorbed effects that are not nested in the clusters, less one, plus one
for the constant. Provinces are the clusters, so K = regressors + trends + periods, which is also pyfixest's and
fixest's k. With period dummies as regressors, xtreg, fe counts those that are independent and a constant: the same,
unless the periods are region x year; areg counts the independent ones and the entities.
"""

import math
from collections.abc import Iterable

import pandas as pd

from medpanel.replication.names import comment, heading, over_lines
from medpanel.replication.samples import ScriptModel, words

TOLERANCE = "1e-6"
_STATA = """\
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
* dummies, give the same coefficients. A comment at each model gives their K and how much their standard errors differ:
* areg counts the {units} too.
"""


def do_file(
    models: list[ScriptModel], sample_names: dict[int, str], expected: pd.DataFrame, said: tuple[str, ...]
) -> str:
    """The do-file: fits every model with reghdfe, prints the results, asserts each number."""
    blocks = [
        _in_stata(model, sample_names[model.sample], expected[expected["model_key"] == model.key]) for model in models
    ]
    last = f'display as text "All {len(expected)} coefficients and standard errors were found again."\n'
    return "\n".join([heading(said, "*"), _STATA.format(tolerance=TOLERANCE, **words(models)), *blocks, last])


def _in_stata(model: ScriptModel, sample: str, rows: pd.DataFrame) -> str:
    title, cluster = comment(f"{model.key}: {model.title}"), f"vce(cluster {model.code})"
    regressors, trends = [*model.regressors, *(["`trends'"] if model.trends else [])], len(model.trends)
    slopes = len(model.regressors) + trends
    k = slopes + model.n_times
    others = {"xtreg": slopes + model.rank - model.n_clusters + 1, "areg": slopes + model.rank}
    said = [f"{name}: K = {other}, standard errors x {_ratio(model.n_obs, k, other)}" for name, other in others.items()]
    # The study keeps entities and periods with one row; reghdfe drops them unless told not to.
    options = f"tolerance(1e-10){' keepsingletons' if model.singletons else ''}"
    lines = [
        f"* {title}",
        f"* K = {len(model.regressors)} + {trends} + {model.n_times} = {k}; {', '.join(said)}",
        f'display as text _newline "{title}"',
        f'use "{sample}", clear',
        "quietly keep if in_sample == 1",
        *_trends(model),
        _continued("reghdfe", [model.outcome, *regressors], end=" ///"),
        f"    , absorb({model.code} {model.time}) {cluster} {options}",
        f"assert e(N) == {model.n_obs}",
        f"assert e(N_clust) == {model.n_clusters}",
        *(f"check_term {row.variable} {row.estimate!r} {row.std_error!r} {row.scale!r}" for row in rows.itertuples()),
        "* Optional, wild cluster bootstrap (ssc install boottest; it allows one set of absorbed effects):",
        f"* quietly reghdfe {model.outcome} {' '.join(regressors)} i.{model.time}, absorb({model.code}) {cluster}",
        f"* boottest {model.regressors[0]}, reps(9999) weighttype(webb) seed(1)",
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
        _continued("foreach entity of numlist", map(str, model.trends), end=" {"),
        f"    quietly generate double trend_`entity' = ({model.code} == `entity') * (year - `first')",
        "    local trends `trends' trend_`entity'",
        "}",
    ]


def _continued(command: str, arguments: Iterable[str], end: str) -> str:
    return " ///\n".join(over_lines(arguments, 101, first=f"{command} ")) + end


_R = """\
# Once: install.packages(c("fixest", "haven"))
# Run in this folder: Rscript {script}
library(haven)
library(fixest)

tolerance <- 1e-6 # of the scale, which is the standard error unless that is rounding

models <- list(
{models}
)

# G/(G-1) x (N-1)/(N-K): effects nested in the clusters (the {units}) are not counted in K, periods are.
# fixest 0.13 renamed the arguments; both names are the same choice.
small_sample <- if ("K.fixef" %in% names(formals(ssc))) {{
  ssc(K.adj = TRUE, K.fixef = "nonnested", G.adj = TRUE, G.df = "min", t.df = "min")
}} else {{
  ssc(adj = TRUE, fixef.K = "nested", cluster.adj = TRUE, cluster.df = "min", t.df = "min")
}}

estimate <- function(model) {{
  data <- as.data.frame(zap_labels(read_dta(model$sample)))
  data <- data[data$in_sample == 1, ]
  trends <- character(0)
  for (entity in model$trends) {{
    name <- sprintf("trend_%d", entity)
    data[[name]] <- (data${code} == entity) * (data$year - min(data$year))
    trends <- c(trends, name)
  }}
  right <- paste(c(model$regressors, trends), collapse = " + ")
  formula <- as.formula(paste(model$outcome, "~", right, "| {code} +", model$time))
  feols(
    formula, data = data, cluster = ~{code}, ssc = small_sample,
    fixef.rm = "none", fixef.tol = 1e-10, fixef.iter = 100000
  )
}}

expected <- read.csv("{expected}", fileEncoding = "UTF-8")
for (model in models) {{
  rows <- expected[expected$model_key == model$key, ]
  fit <- estimate(model)
  found <- coef(fit)[rows$variable]
  errors <- se(fit)[rows$variable]
  cat("\\n", model$key, " ", model$title, "\\n", sep = "")
  print(data.frame(estimate = found, std_error = errors, n_obs = nobs(fit)), digits = 8)
  stopifnot(
    nrow(rows) == length(model$regressors),
    nobs(fit) == rows$n_obs,
    abs(found - rows$estimate) < tolerance * rows$scale,
    abs(errors - rows$std_error) < tolerance * rows$scale
  )
}}
cat("\\nAll", nrow(expected), "coefficients and standard errors were found again.\\n")
"""


def r_script(
    models: list[ScriptModel], sample_names: dict[int, str], script: str, expected: str, said: tuple[str, ...]
) -> str:
    """The R script: fits every model with fixest::feols, prints the results, compares each number."""
    entries = ",\n".join(_in_r(model, sample_names[model.sample]) for model in models)
    return heading(said) + "\n" + _R.format(script=script, expected=expected, models=entries, **words(models))


def _in_r(model: ScriptModel, sample: str) -> str:
    parts = [
        f'key = "{model.key}", title = "{comment(model.title)}"',
        f'sample = "{sample}", outcome = "{model.outcome}", time = "{model.time}"',
        "regressors = " + _vector(f'"{name}"' for name in model.regressors),
        "trends = " + _vector(f"{code}L" for code in model.trends),
    ]
    return "  list(\n" + ",\n".join(f"    {part}" for part in parts) + "\n  )"


def _vector(items: Iterable[str]) -> str:
    """`c(...)` over as many lines as it needs; `c()` if empty."""
    lines = over_lines((f"{item}," for item in items), 91)
    return "c(" + "\n      ".join(lines).removesuffix(",") + ")"


_PYTHON = '''\
# Once: pip install pyfixest=={pyfixest} pyarrow
# Run: python {script}
from pathlib import Path

import pandas as pd
import pyfixest

HERE = Path(__file__).resolve().parent
TOLERANCE = 1e-8  # of the scale, which is the standard error unless that is rounding
MODELS = [
{models}
]


def estimate(model):
    """Coefficients and standard errors of the regressors, and the number of rows."""
    data = pd.read_parquet(HERE / model["sample"])
    data = data[data["in_sample"] == 1].reset_index(drop=True)
    trends = [f"trend_{{entity}}" for entity in model["trends"]]
    for name, entity in zip(trends, model["trends"], strict=True):
        data[name] = (data["{code}"] == entity) * (data["year"] - data["year"].min()).astype(float)
    # pyfixest's tolerances are absolute, so every variable is brought to unit spread and back.
    columns = [model["outcome"], *model["regressors"], *trends]
    spread = data[columns].std()
    data[columns] = (data[columns] - data[columns].mean()) / spread
    fitted = pyfixest.feols(
        f"{{model['outcome']}} ~ {{' + '.join(columns[1:])}} | {code} + {{model['time']}}",
        data,
        vcov={{"CRV1": "{code}"}},
        # G/(G-1) x (N-1)/(N-K): effects nested in the clusters (the {units}) are not counted in K, periods are.
        ssc=pyfixest.ssc(k_adj=True, k_fixef="nonnested", G_adj=True, G_df="min"),
        fixef_rm="none",
        collin_tol=1e-10,
        demeaner=pyfixest.MapDemeaner(fixef_tol=1e-12),
    )
    back = spread[model["outcome"]] / spread[model["regressors"]]
    names = model["regressors"]
    return fitted.coef()[names] * back, fitted.se()[names] * back, len(data)


def main():
    """Run every model and compare it with what is expected."""
    expected = pd.read_csv(HERE / "{expected}")
    differing = []
    for model in MODELS:
        rows = expected[expected["model_key"] == model["key"]].set_index("variable")
        found, errors, n_obs = estimate(model)
        print(f"\\n{{model['key']}} {{model['title']}}, {{n_obs}} rows")
        for name in model["regressors"]:
            row = rows.loc[name]
            print(f"  {{name:<32}} {{found[name]:14.8f}} ({{errors[name]:.8f}})")
            gap = max(abs(found[name] - row["estimate"]), abs(errors[name] - row["std_error"])) / row["scale"]
            if not gap < TOLERANCE or n_obs != row["n_obs"]:
                differing.append(f"{{model['key']}} {{name}}")
    if differing:
        raise SystemExit(f"not found again: {{', '.join(differing)}}")
    print(f"\\nAll {{len(expected)}} coefficients and standard errors were found again.")


if __name__ == "__main__":
    main()
'''


def python_script(
    models: list[ScriptModel],
    sample_names: dict[int, str],
    script: str,
    expected: str,
    pyfixest: str,
    said: tuple[str, ...],
) -> str:
    """The Python script: fits every model with pyfixest.feols, prints the results, compares each number."""
    entries = "\n".join(_in_python(model, sample_names[model.sample]) for model in models)
    body = _PYTHON.format(script=script, expected=expected, pyfixest=pyfixest, models=entries, **words(models))
    return heading(said) + "\n" + body


def _in_python(model: ScriptModel, sample: str) -> str:
    lines = [
        f'"key": "{model.key}", "title": "{comment(model.title)}",',
        f'"sample": "{sample}", "outcome": "{model.outcome}", "time": "{model.time}",',
        *_listed("regressors", (f'"{name}"' for name in model.regressors)),
        *_listed("trends", map(str, model.trends)),
    ]
    return "    {\n" + "\n".join(f"        {line}" for line in lines) + "\n    },"


def _listed(key: str, items: Iterable[str]) -> list[str]:
    """A list over as many lines as it needs."""
    *lines, last = over_lines((f"{item}," for item in items), 91, first=f'"{key}": [')
    return [*lines, last.removesuffix(",") + "],"]
