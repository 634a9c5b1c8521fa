"""How often the intervals of CR1, CR3 and the wild cluster bootstrap cover the planted coefficients of Table 2 (2).

Belongs here: the three intervals on panels with seeds 0 .. R-1, over all cores. Does not belong here: the summary and
its page (coverage_few_clusters_page.py), the verdict's arithmetic (coverage_judgement.py), the simulation.

    python -m benchmarks.coverage_few_clusters --panels 500
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from benchmarks.coverage_few_clusters_page import DRAWS, report, summarise
from benchmarks.coverage_judgement import NOMINAL
from benchmarks.coverage_study import simulated_models
from catalog.base import PROJECT_DIR
from models_py.econometrics.few_clusters.wild_bootstrap import bootstrap_result, draw_weights, scores
from models_py.econometrics.model_data import partial_out

EVIDENCE = PROJECT_DIR / "docs" / "evidence" / "coverage_few_clusters.md"
COLUMNS = ["seed", "reading", "term", "method", "truth", "estimate", "ci_low", "ci_high", "degenerate"]


def one_panel(seed: int, draws: int = DRAWS) -> pd.DataFrame:
    """Intervals of every method and term, both readings, beside the truth; the bootstrap's seed is the panel's."""
    rows = []
    for reading, data, truth in simulated_models(seed):
        fits = {"cr1": data.fit(), "cr3": data.fit(vcov={"CRV3": data.cluster})}
        for method, fit in fits.items():
            table = fit.estimates[["term", "estimate", "ci_low", "ci_high"]]
            rows += [
                (seed, reading, term, method, truth[term], estimate, low, high, 0)
                for term, estimate, low, high in table.itertuples(index=False)
            ]
        for term, error in zip(data.regressors, fits["cr1"].estimates["std_error"].to_numpy(), strict=True):
            model = partial_out(data, term)
            v, enumerated = draw_weights("rademacher", len(model.clusters.sizes), draws, seed)
            r = bootstrap_result(scores(model), v, enumerated, float(error), NOMINAL)
            low, high = r.ci_low, r.ci_high
            rows.append((seed, reading, term, "wild_cluster", truth[term], r.estimate, low, high, r.degenerate))
    made = pd.DataFrame(rows, columns=COLUMNS)
    return made.assign(covered=(made["ci_low"] <= made["truth"]) & (made["truth"] <= made["ci_high"]))


def collect(panels: int, draws: int = DRAWS, workers: int | None = None) -> pd.DataFrame:
    """`one_panel` for the seeds 0 .. panels-1, none left out, in order; over `workers` processes, default all cores."""
    count = workers or os.cpu_count() or 1
    work = partial(one_panel, draws=draws)
    if count == 1:
        return pd.concat(map(work, range(panels)), ignore_index=True)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # inherited: the processes are the threads
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        return pd.concat(pool.map(work, range(panels), chunksize=5), ignore_index=True)


def main() -> int:
    """Run, write the evidence, print it; exit code 1 when a cell fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--panels", type=int, default=500, help="number of simulated panels (seeds 0 .. R-1)")
    parser.add_argument("--workers", type=int, help="processes, default one for each core")
    parser.add_argument("--output", type=Path, default=EVIDENCE, help="where the evidence is written")
    arguments = parser.parse_args()
    if arguments.panels < 2:
        parser.error("--panels must be at least 2")
    results = collect(arguments.panels, workers=arguments.workers)
    text = report(results)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(text, encoding="utf-8", newline="\n")
    sys.stdout.buffer.write(text.encode("utf-8"))
    return 0 if summarise(results)["passed"].all() else 1


if __name__ == "__main__":
    sys.exit(main())
