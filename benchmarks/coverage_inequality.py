"""How often the jackknife and the bootstrap interval of a Gini coefficient hold the Gini the units were drawn from.

Belongs here: units drawn at random from a distribution whose Gini is known, both intervals, the page. Where the units
are all there are (31 provinces), an interval is no sampling error, and coverage says nothing of it. Does not belong
here: the intervals (models_py/inequality/intervals.py), the verdict's arithmetic (coverage_judgement.py).

Resource per basis is lognormal with standard deviation s of its logarithm and independent of the basis, so that the
Gini is erf(s / 2) whatever the basis (Aitchison and Brown 1957, The Lognormal Distribution).

    python -m benchmarks.coverage_inequality --samples 1000
"""

from __future__ import annotations

import argparse
import itertools
import math
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.coverage_judgement import NOMINAL, judge
from catalog.base import PROJECT_DIR
from medpanel import __version__
from models_py.inequality.intervals import draws_of, intervals
from models_py.inequality.measures import gini_formula
from models_py.inequality.shares import shares

EVIDENCE = PROJECT_DIR / "docs" / "evidence" / "coverage_inequality.md"
DRAWS, UNITS, SPREADS = 999, (31, 100), (0.15, 0.8)
# Standard deviation of the logarithm of each unit's basis: equal, and about as unequal as provinces' populations.
BASES = {"equal": 0.0, "unequal": 0.8}
METHODS = {"jackknife": "jackknife, t(n - 1)", "bootstrap": "bootstrap, percentiles"}
CELL = ["method", "n", "basis", "gini"]
# Both intervals are made for many units; for few no figure is published. These are what this program found over
# 1,000 samples with seeds 1,000,000 and up, which the page does not use.
DOCUMENTED: dict[tuple[str, int, str, float], float] = {
    ("jackknife", 31, "equal", 0.084): 0.916,
    ("bootstrap", 31, "equal", 0.084): 0.858,
    ("jackknife", 31, "equal", 0.428): 0.885,
    ("bootstrap", 31, "equal", 0.428): 0.781,
    ("jackknife", 31, "unequal", 0.084): 0.885,
    ("bootstrap", 31, "unequal", 0.084): 0.807,
    ("jackknife", 31, "unequal", 0.428): 0.839,
    ("bootstrap", 31, "unequal", 0.428): 0.726,
    ("jackknife", 100, "equal", 0.084): 0.925,
    ("bootstrap", 100, "equal", 0.084): 0.903,
    ("jackknife", 100, "equal", 0.428): 0.911,
    ("bootstrap", 100, "equal", 0.428): 0.865,
    ("jackknife", 100, "unequal", 0.084): 0.903,
    ("bootstrap", 100, "unequal", 0.084): 0.886,
    ("jackknife", 100, "unequal", 0.428): 0.894,
    ("bootstrap", 100, "unequal", 0.428): 0.836,
}


def known_gini(spread: float) -> float:
    """The Gini of a lognormal ratio."""
    return math.erf(spread / 2)


def one_sample(seed: int, draws: int = DRAWS) -> list[tuple[object, ...]]:
    """Both intervals in every setting, from units of one seed. Rows: seed, method, n, basis, gini, value, low, high."""
    rows: list[tuple[object, ...]] = []
    for place, (n, basis, spread) in enumerate(itertools.product(UNITS, BASES, SPREADS)):
        rng = np.random.default_rng([seed, place])
        sizes = np.exp(BASES[basis] * rng.normal(size=n))
        held = shares(sizes * np.exp(spread * rng.normal(size=n)), sizes)
        found = intervals(gini_formula(held), draws_of(n, draws, seed), NOMINAL)
        ends = {"jackknife": (found.low_jackknife, found.high_jackknife), "bootstrap": (found.low, found.high)}
        truth = round(known_gini(spread), 3)
        rows += [(seed, method, n, basis, truth, known_gini(spread), found.value, *ends[method]) for method in METHODS]
    return rows


def collect(samples: int, first: int = 0, draws: int = DRAWS) -> pd.DataFrame:
    """`one_sample` for `samples` seeds from `first` on; no seed is left out. Adds covered, below, above."""
    rows = [row for seed in range(first, first + samples) for row in one_sample(seed, draws)]
    made = pd.DataFrame(rows, columns=["seed", *CELL, "truth", "value", "low", "high"])
    made = made.assign(below=made["high"] < made["truth"], above=made["low"] > made["truth"])
    return made.assign(covered=~(made["below"] | made["above"]))


def summarise(results: pd.DataFrame) -> pd.DataFrame:
    """One row per cell: coverage, its interval, documented coverage and verdict, against nominal, which side it misses.

    `nominal`: "holds", "under" or "over", by the same interval.
    """
    groups = results.groupby(CELL, sort=False)
    rows = []
    for key, cell in groups:
        method, n, basis, gini = key
        documented = DOCUMENTED[str(method), int(str(n)), str(basis), float(str(gini))]
        verdict = judge(int(cell["covered"].sum()), len(cell), groups.ngroups, documented)
        nominal = "under" if verdict.high < NOMINAL else "over" if verdict.low > NOMINAL else "holds"
        rows.append(
            {
                **dict(zip(CELL, key, strict=True)),
                "samples": verdict.panels,
                "covered": verdict.covered,
                "share": verdict.share,
                "low": verdict.low,
                "high": verdict.high,
                "documented": documented,
                "passed": verdict.passed,
                "nominal": nominal,
                "below": float(cell["below"].mean()),
                "above": float(cell["above"].mean()),
                "bias": float((cell["value"] / cell["truth"]).mean() - 1),
            }
        )
    return pd.DataFrame(rows)


def reading(summary: pd.DataFrame) -> list[str]:
    """What the figures say of each method and number of units."""
    lines = []
    for (method, n), cells in summary.groupby(["method", "n"], sort=False):
        under = int((cells["nominal"] == "under").sum())
        told = (
            f"below {NOMINAL} beyond chance in {under} of {len(cells)} settings" if under else "not told from nominal"
        )
        lines.append(
            f"- {METHODS[str(method)]}, {n} units: covers {cells['share'].min():.3f} to {cells['share'].max():.3f}, "
            f"{told}; misses from below {cells['below'].mean():.3f}, from above {cells['above'].mean():.3f}."
        )
    return lines


def report(summary: pd.DataFrame) -> str:
    """The evidence page, Markdown."""
    samples, cells, passed = int(summary["samples"].iloc[0]), len(summary), int(summary["passed"].sum())
    failing = [f"{r.method} {r.n} {r.basis} {r.gini:.3f}" for r in summary[~summary["passed"]].itertuples()]
    worst = summary[(summary["method"] == "bootstrap") & (summary["n"] == UNITS[0])]
    short = (worst["nominal"] == "under").any()
    lines = [
        "# Coverage of the intervals of a Gini coefficient",
        "",
        "Synthetic data only: units drawn from a distribution whose Gini is known, not statistics.",
        "",
        f"- Made by `make coverage-study` (`python -m benchmarks.coverage_inequality --samples {samples}`), "
        f"medpanel {__version__}.",
        f"- Samples: {samples}, seeds 0 to {samples - 1}, none chosen or left out. Resource per basis lognormal, so "
        "that the Gini is erf(s / 2); basis equal, or lognormal (0.8) and independent of it.",
        f"- Nominal level {NOMINAL}. Bootstrap: {DRAWS} draws of whole units, percentiles. Jackknife: t, n - 1 degrees "
        "of freedom.",
        "- Documented coverage: what 1,000 other samples gave (seeds 1,000,000 and up, "
        "`DOCUMENTED` in benchmarks/coverage_inequality.py); for so few units no figure is published.",
        f"- A cell passes when the 99.9 % Clopper-Pearson interval around its coverage, Bonferroni over the {cells} "
        "cells, contains the documented one. Against the nominal level the same interval says holds, under or over.",
        f"- Verdict: {passed} of {cells} cells pass." + (f" Failing: {', '.join(failing)}" if failing else ""),
        "",
        "## How to read the intervals",
        "",
        *reading(summary),
        "",
        f"The percentile bootstrap of {UNITS[0]} units {'under-covers' if short else 'is not told from nominal'}: it "
        f"claims {NOMINAL} and holds {worst['share'].min():.3f} to {worst['share'].max():.3f}. A Gini of few units is "
        "too low on average, and drawing again from them lowers it once more. Where units are a sample, take the "
        "jackknife's interval, in the light of its own coverage above. Where units are all there are, as provinces, "
        "neither is a sampling error: they show how much the figure hangs on single units.",
        "",
        "## Every cell",
        "",
        "| method | units | basis | Gini | R | covered | share | interval | documented | verdict | nominal | bias |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r['method']} | {r['n']} | {r['basis']} | {r['gini']:.3f} | {r['samples']} | {r['covered']} "
        f"| {r['share']:.3f} | {r['low']:.3f}-{r['high']:.3f} | {r['documented']:.3f} "
        f"| {'pass' if r['passed'] else 'FAIL'} | {r['nominal']} | {r['bias']:+.1%} |"
        for r in summary.to_dict("records")
    ]
    return "\n".join([*lines, "", "Bias: mean of the Gini found over the known one, less 1.", ""])


def main() -> int:
    """Run, write the evidence, print it; exit code 1 when a cell fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=1000, help="number of samples (seeds 0 .. R-1)")
    parser.add_argument("--output", type=Path, default=EVIDENCE, help="where the evidence is written")
    arguments = parser.parse_args()
    if arguments.samples < 2:
        parser.error("--samples must be at least 2")
    summary = summarise(collect(arguments.samples))
    text = report(summary)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(text, encoding="utf-8", newline="\n")
    sys.stdout.buffer.write(text.encode("utf-8"))
    return 0 if summary["passed"].all() else 1


if __name__ == "__main__":
    sys.exit(main())
