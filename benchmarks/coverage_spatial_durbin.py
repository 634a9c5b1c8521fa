"""How often the 95 % intervals of a two-way spatial Durbin model hold the truth, under each correction.

Belongs here: panels of 31 provinces with known parameters, the fits, the page. Does not belong here: the estimator
(models_py/spatial), the verdict's arithmetic (coverage_judgement.py).

    python -m benchmarks.coverage_spatial_durbin --panels 500

Documented coverage is what the transformation gave once on 5,000 other panels (seeds 1,000,000 and up): --document
prints it. For 31 x 12 no figure is published.
"""

import argparse
import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.coverage_judgement import NOMINAL, judge
from catalog.base import PROJECT_DIR
from catalog.provinces import load_adjacency, load_provinces
from medpanel import __version__
from models_py.spatial.panel_data import SpatialPanel
from models_py.spatial.spatial_durbin import fit_panel
from models_py.spatial.weights import Weights, weights_of

EVIDENCE = PROJECT_DIR / "docs" / "evidence" / "coverage_spatial_durbin.md"
DOCUMENTED = Path(__file__).with_name("coverage_spatial_durbin.json")
PERIODS, DRAWS, OTHER_SEEDS = 12, 500, 1_000_000
RHOS = (-1.2, -0.5, 0.0, 0.4, 0.8)
BETA, THETA, SIGMA = np.array([1.0, -0.5]), np.array([0.3, 0.2]), 0.5
CORRECTIONS = ("transformation", "lee_yu", "none")
CELL = ["correction", "rho", "term", "effect", "method"]


@cache
def contiguity() -> Weights:
    """The 69 pairs of neighbouring provinces, row-standardised."""
    codes = [province.province_code for province in load_provinces()]
    w = pd.DataFrame(0.0, codes, codes)
    for one, other in load_adjacency():
        w.loc[one, other] = 1.0
    return weights_of(w.div(w.sum(axis=1), axis=0), codes)


def simulated(rho: float, seed: int) -> SpatialPanel:
    """A panel with place and time effects correlated with the regressors."""
    weights = contiguity()
    random, n = np.random.default_rng([seed, RHOS.index(rho)]), weights.n
    x = random.normal(size=(PERIODS, n, 2))
    place, period = random.normal(size=(1, n)), random.normal(size=(PERIODS, 1))
    x = x + place[:, :, None] + period[:, :, None]
    lagged = weights.lag(x)
    mean = x @ BETA + lagged @ THETA + place + period + SIGMA * random.normal(size=(PERIODS, n))
    y = np.linalg.solve(np.eye(n) - rho * weights.matrix, mean.T).T
    terms = ("x1", "x2", "W_x1", "W_x2")
    times = tuple(range(PERIODS))
    return SpatialPanel(weights, "two-way", "y", y, np.concatenate([x, lagged], axis=2), terms, 2, terms[:2], times)


def truth(rho: float) -> dict[tuple[str, str], float]:
    """The parameters, and the effects they imply, by term and effect."""
    w = contiguity().matrix
    inverse = np.linalg.inv(np.eye(len(w)) - rho * w)
    known = {("rho", "coef"): rho}
    for name, beta, theta in zip(("x1", "x2"), BETA, THETA, strict=True):
        s = inverse @ (beta * np.eye(len(w)) + theta * w)
        direct, total = float(np.diag(s).mean()), float(s.sum(axis=1).mean())
        known |= {(name, "coef"): float(beta), (f"W_{name}", "coef"): float(theta)}
        known |= {(name, "direct"): direct, (name, "total"): total, (name, "indirect"): total - direct}
    return known


def one_panel(rho: float, seed: int, corrections: tuple[str, ...] = CORRECTIONS) -> pd.DataFrame:
    """Which intervals hold the truth on the panel of a seed."""
    panel, known, tables = simulated(rho, seed), truth(rho), []
    for correction in corrections:
        rows = fit_panel(panel, "sdm", correction, draws=DRAWS, seed=seed).estimates  # type: ignore[arg-type]
        true = np.array([known[key] for key in zip(rows["term"], rows["effect"], strict=True)])
        tables.append(
            rows[["term", "effect", "method"]].assign(
                correction=correction,
                rho=rho,
                seed=seed,
                covered=(rows["ci_low"] <= true) & (true <= rows["ci_high"]),
                error=rows["estimate"] - true,
            )
        )
    return pd.concat(tables, ignore_index=True)


def collect(panels: int, first: int = 0, corrections: tuple[str, ...] = CORRECTIONS) -> pd.DataFrame:
    """`one_panel` for every rho and `panels` seeds from `first` on; no seed is left out."""
    return pd.concat(
        [one_panel(rho, seed, corrections) for rho in RHOS for seed in range(first, first + panels)], ignore_index=True
    )


def documented(panels: int) -> dict[str, float]:
    """Coverage of the transformation on other panels, by cell without the correction."""
    found = collect(panels, OTHER_SEEDS, CORRECTIONS[:1]).groupby(CELL[1:], sort=False)["covered"].mean()
    return {_cell(key): round(float(share), 4) for key, share in found.items()}


def _cell(key: Any) -> str:
    return "|".join(map(str, key))


def summarise(results: pd.DataFrame, expected: dict[str, float]) -> pd.DataFrame:
    """One row per cell; only the transformation is judged against its documented coverage."""
    groups = results.groupby(CELL, sort=False)
    judged = sum(1 for key, _ in groups if key[0] == CORRECTIONS[0])
    rows = []
    for key, cell in groups:
        one = expected[_cell(key[1:])]
        verdict = judge(int(cell["covered"].sum()), len(cell), judged, one)
        rows.append(
            {
                **dict(zip(CELL, key, strict=True)),
                "panels": verdict.panels,
                "share": verdict.share,
                "low": verdict.low,
                "high": verdict.high,
                "documented": one,
                "judged": key[0] == CORRECTIONS[0],
                "passed": verdict.passed,
                "nominal": verdict.low <= NOMINAL <= verdict.high,
                "bias": float(cell["error"].mean()),
            }
        )
    return pd.DataFrame(rows)


def report(summary: pd.DataFrame) -> str:
    """The evidence page, Markdown."""
    panels, own = int(summary["panels"].iloc[0]), summary[summary["judged"]]
    failing = [f"{r.rho:g} {r.term} {r.effect} {r.method}" for r in own[~own["passed"]].itertuples()]
    lines = [
        "# Coverage of the spatial Durbin model",
        "",
        "Synthetic data only: simulated panels, not statistics. 仅为模拟数据。",
        "",
        f"- Made by `python -m benchmarks.coverage_spatial_durbin --panels {panels}`, medpanel {__version__}.",
        f"- {panels} panels of 31 provinces x {PERIODS} years for each rho, seeds 0 to {panels - 1}, none left out; "
        "weights: the 69 pairs of neighbours, row-standardised; place and year effects correlated with the regressors; "
        f"beta {BETA.tolist()}, theta {THETA.tolist()}, sigma {SIGMA}.",
        f"- 95 % intervals, normal; effects by the delta method and by {DRAWS} draws.",
        "- A cell of the transformation passes when the 99.9 % Clopper-Pearson interval around its coverage, "
        f"Bonferroni over the {len(own)} cells, contains what 5,000 other panels gave (seeds 1,000,000 and up).",
        f"- Verdict: {int(own['passed'].sum())} of {len(own)} cells pass."
        + (f" Failing: {', '.join(failing)}" if failing else ""),
        "",
        "| rho | term | effect | method | transformation | documented | Elhorst's form | none | bias, transformation "
        "| bias, none |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for _, cell in summary.groupby(CELL[1:], sort=False):
        by = cell.set_index("correction")
        first = cell.iloc[0]
        shares = [
            by.loc["transformation", "share"],
            first["documented"],
            by.loc["lee_yu", "share"],
            by.loc["none", "share"],
        ]
        told = " | ".join(f"{share:.3f}" for share in shares)
        bias = " | ".join(f"{by['bias'][one]:+.4f}" for one in ("transformation", "none"))
        lines.append(
            f"| {first['rho']:g} | {first['term']} | {first['effect']} | {first['method']} | {told} | {bias} |"
        )
    return "\n".join([*lines, "", "Bias: mean of estimate less truth.", ""])


def main() -> int:
    """Run, write the evidence, print it; exit code 1 when a cell fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--panels", type=int, default=500, help="panels for each rho (seeds 0 .. R-1)")
    parser.add_argument("--document", action="store_true", help="measure the documented coverage anew")
    parser.add_argument("--output", type=Path, default=EVIDENCE, help="where the evidence is written")
    arguments = parser.parse_args()
    if arguments.document:
        found = documented(5000)
        DOCUMENTED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8", newline="\n")
        return 0
    summary = summarise(collect(arguments.panels), json.loads(DOCUMENTED.read_text(encoding="utf-8")))
    text = report(summary)
    arguments.output.write_text(text, encoding="utf-8", newline="\n")
    sys.stdout.buffer.write(text.encode("utf-8"))
    return 0 if summary.loc[summary["judged"], "passed"].all() else 1


if __name__ == "__main__":
    sys.exit(main())
