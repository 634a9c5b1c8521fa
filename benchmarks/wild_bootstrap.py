"""9,999 wild cluster bootstrap draws beside 20 plain fits of the same model, by pyfixest and by our own estimator.

Belongs here: timing the three in one process, turn by turn, and writing the evidence. The panel is simulated.

    python -m benchmarks.wild_bootstrap
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.coverage_study import simulated_models
from catalog.base import PROJECT_DIR
from medpanel import __version__
from models_py.econometrics.few_clusters.wild_bootstrap import draw_weights, scores, wild_cluster_bootstrap
from models_py.econometrics.model_data import ModelData, partial_out
from models_py.panel import ENTITY, KEYS

EVIDENCE = PROJECT_DIR / "docs" / "evidence" / "wild_bootstrap.md"
DRAWS, FITS, TERM = 9999, 20, "exposure"


def timed(work: Callable[[], Any]) -> float:
    """Seconds the work took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def plain_fits(data: ModelData) -> None:
    """The model as anybody would fit it with pyfixest, clustered by province, FITS times."""
    import pyfixest

    formula = f"{data.outcome} ~ {' + '.join(data.regressors)} | {ENTITY} + year"
    for _ in range(FITS):
        pyfixest.feols(formula, data.frame, vcov={"CRV1": ENTITY})


def own_fits(data: ModelData) -> None:
    """`fit_two_way_fe` with its checks and its evidence, FITS times."""
    for _ in range(FITS):
        replace(data).fit()  # a model solved before would only be read


def require_exact(data: ModelData, statistics: np.ndarray, v: np.ndarray) -> None:
    """Raise RuntimeError unless t* of the draws equal those of whole regressions: speed alone proves nothing."""
    frame = data.frame
    dummies = [pd.get_dummies(frame[name]).to_numpy(float) for name in KEYS]
    columns = np.column_stack([frame[TERM], frame[[n for n in data.regressors if n != TERM]], *dummies])
    y, cluster = frame[data.outcome].to_numpy(), np.unique(frame[ENTITY], return_inverse=True)[1]
    inverse, others = np.linalg.pinv(columns), columns[:, 1:]
    fitted = others @ (np.linalg.pinv(others) @ y)
    for t, signs in zip(statistics, v, strict=True):
        drawn = fitted + signs[cluster] * (y - fitted)
        beta = inverse @ drawn
        sums = np.bincount(cluster, inverse[0] * (drawn - columns @ beta))
        if not np.isclose(t, beta[0] / np.linalg.norm(sums), rtol=1e-7, atol=1e-9):
            raise RuntimeError("a draw differs from refitting the model")


def measure(rounds: int, draws: int = DRAWS) -> list[tuple[float, float, float]]:
    """Seconds of the bootstrap, of FITS fits by pyfixest and of FITS by our own estimator, per round; all warm."""
    _, data, _ = next(simulated_models(0))
    v, _ = draw_weights("rademacher", 31, draws, 0)
    require_exact(data, scores(partial_out(data, TERM)).statistics(v)(0.0)[:25], v[:25])
    plain_fits(data)

    def bootstrap() -> object:
        return wild_cluster_bootstrap(replace(data), TERM, weights="rademacher", draws=draws)

    bootstrap()
    return [(timed(bootstrap), timed(lambda: plain_fits(data)), timed(lambda: own_fits(data))) for _ in range(rounds)]


def report(rows: list[tuple[float, float, float]], draws: int = DRAWS) -> tuple[str, bool]:
    """The evidence page, Markdown, and whether the bootstrap took less time than either set of fits."""
    import pyfixest

    ours, plain, own = (median(part) for part in zip(*rows, strict=True))
    passed = ours < min(plain, own)
    lines = [
        "# Wild cluster bootstrap: time",
        "",
        "Synthetic data only: a simulated panel, not statistics.",
        "",
        f"- Made by `make wild-benchmark`, medpanel {__version__}, pyfixest {pyfixest.__version__}.",
        "- Panel: 31 provinces x 12 years, five regressors, province and year effects, simulated with seed 0.",
        f"- Bootstrap: {draws:,} Rademacher draws, null imposed: p-value and interval by test inversion, with the "
        "model's own fit. 25 draws equal refits of the whole regression.",
        f"- Plain fits: {FITS} times `pyfixest.feols`, clustered by province; {FITS} times `fit_two_way_fe`. Same "
        "process, turn by turn, warm.",
        f"- Verdict: median {ours:.3f} s, {ours / plain:.3f} times {FITS} pyfixest fits ({plain:.3f} s) and "
        f"{ours / own:.3f} times {FITS} fits of ours ({own:.3f} s); below 1 required of both: "
        f"{'pass' if passed else 'FAIL'}.",
        "",
        f"| round | bootstrap, s | {FITS} pyfixest fits, s | times | {FITS} fits of ours, s | times |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {number} | {mine:.3f} | {theirs:.3f} | {mine / theirs:.3f} | {other:.3f} | {mine / other:.3f} |"
        for number, (mine, theirs, other) in enumerate(rows, start=1)
    ]
    return "\n".join([*lines, ""]), passed


def main() -> int:
    """Measure, write the evidence, print it; exit code 1 when the bootstrap is not below both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--output", type=Path, default=EVIDENCE)
    arguments = parser.parse_args()
    text, passed = report(measure(arguments.rounds))
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(text, encoding="utf-8", newline="\n")
    sys.stdout.buffer.write(text.encode("utf-8"))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
