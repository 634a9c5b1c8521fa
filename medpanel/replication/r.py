"""The R script of a bundle.

Belongs here: its text. Does not belong here: which models and numbers (samples.py).
"""

from medpanel.replication.names import comment, heading, packed
from medpanel.replication.samples import ScriptModel, words

_BODY = """\
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
    """The R script: every model by fixest::feols, its results printed, each number compared."""
    entries = ",\n".join(_entry(model, sample_names[model.sample]) for model in models)
    return heading(said) + "\n" + _BODY.format(script=script, expected=expected, models=entries, **words(models))


def _entry(model: ScriptModel, sample: str) -> str:
    title = comment(model.title)
    regressors = [f'"{name}"' for name in model.regressors]
    parts = [
        f'key = "{model.key}", title = "{title}"',
        f'sample = "{sample}", outcome = "{model.outcome}", time = "{model.time}"',
        f"regressors = {_vector(regressors)}",
        f"trends = {_vector([f'{code}L' for code in model.trends])}",
    ]
    return "  list(\n" + ",\n".join(f"    {part}" for part in parts) + "\n  )"


def _vector(items: list[str]) -> str:
    """`c(...)` over as many lines as it takes; `c()` is empty."""
    lines = packed(f"{item}, " for item in items)
    return "c(" + "\n      ".join(line.rstrip() for line in lines).removesuffix(",") + ")"
