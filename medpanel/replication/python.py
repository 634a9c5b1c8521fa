"""The Python script of a bundle.

Belongs here: its text. Does not belong here: which models and numbers (samples.py).
"""

from medpanel.replication.names import comment, heading, packed
from medpanel.replication.samples import ScriptModel, words

_BODY = '''\
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
    """The Python script: every model by pyfixest.feols, its results printed, each number compared."""
    entries = "\n".join(_entry(model, sample_names[model.sample]) for model in models)
    body = _BODY.format(script=script, expected=expected, pyfixest=pyfixest, models=entries, **words(models))
    return heading(said) + "\n" + body


def _entry(model: ScriptModel, sample: str) -> str:
    title = comment(model.title)
    lines = [
        f'"key": "{model.key}", "title": "{title}",',
        f'"sample": "{sample}", "outcome": "{model.outcome}", "time": "{model.time}",',
        *_listed("regressors", [f'"{name}"' for name in model.regressors]),
        *_listed("trends", [str(code) for code in model.trends]),
    ]
    return "    {\n" + "\n".join(f"        {line}" for line in lines) + "\n    },"


def _listed(key: str, items: list[str]) -> list[str]:
    """A list over as many lines as it takes."""
    lines = packed((f"{item}, " for item in items), first=f'"{key}": [', more="    ")
    return [*(line.rstrip() for line in lines[:-1]), lines[-1].removesuffix(", ") + "],"]
