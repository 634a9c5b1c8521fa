"""The summary of the coverage study for few clusters, the advice that follows from it, and the page.

Belongs here: coverage by cell and by method, and the words. Does not belong here: intervals (coverage_few_clusters.py)
and the verdict's arithmetic (coverage_judgement.py).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.coverage_judgement import DOCUMENTED, NOMINAL, judge
from medpanel import __version__

DRAWS = 9999
NAMES = {"cr1": "CR1, t(30)", "cr3": "CR3 (jackknife), t(30)", "wild_cluster": "wild cluster bootstrap"}


def summarise(results: pd.DataFrame) -> pd.DataFrame:
    """One row per method, reading and term: coverage, its interval, verdict, mean length of the interval over CR1's."""
    results = results.assign(length=results["ci_high"] - results["ci_low"])
    cr1 = results[results["method"] == "cr1"].groupby(["reading", "term"])["length"].mean().to_dict()
    groups = results.groupby(["method", "reading", "term"], sort=False)
    rows = []
    for (method, reading, term), cell in groups:
        documented = DOCUMENTED[str(method)]
        verdict = judge(int(cell["covered"].sum()), len(cell), cells=groups.ngroups, documented=documented)
        rows.append(
            {
                "method": method,
                "reading": reading,
                "term": term,
                "panels": verdict.panels,
                "covered": verdict.covered,
                "share": verdict.share,
                "low": verdict.low,
                "high": verdict.high,
                "documented": documented,
                "passed": verdict.passed,
                "degenerate": int(cell["degenerate"].sum()),
                "unbounded": int((~np.isfinite(cell["length"])).sum()),
                "length": float(cell["length"].mean()) / cr1[reading, term],
            }
        )
    return pd.DataFrame(rows).sort_values("method", key=lambda m: m.map(list(NAMES).index), kind="stable")


def by_method(results: pd.DataFrame, summary: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Per method: mean coverage and its standard error, smallest, cells, passes, length over CR1's.

    The standard error is taken over panels, whose cells share their data.
    """
    found = {}
    shares = results.groupby(["method", "seed"])["covered"].mean()
    for method, cells in summary.groupby("method", sort=False):
        found[str(method)] = {
            "mean": float(cells["share"].mean()),
            "error": float(shares[method].std(ddof=1) / len(shares[method]) ** 0.5),
            "smallest": float(cells["share"].min()),
            "cells": len(cells),
            "passed": int(cells["passed"].sum()),
            "below": int((cells["share"] < NOMINAL).sum()),
            "length": float(cells["length"].mean()),
            "degenerate": int(cells["degenerate"].sum()),
            "unbounded": int(cells["unbounded"].sum()),
        }
    return found


def advice(methods: dict[str, dict[str, float]]) -> list[str]:
    """Which interval to use, from the figures: first the one nearest to nominal of those that pass everywhere."""
    cr1 = methods["cr1"]
    lines = [
        f"- CR1 claims {NOMINAL} and covers {cr1['mean']:.3f} on average, below {NOMINAL} in {cr1['below']} of "
        f"{cr1['cells']} cells: with 31 clusters it {_beside_nominal(cr1)}."
    ]
    sound = [n for n, m in methods.items() if DOCUMENTED[n] == NOMINAL and m["passed"] == m["cells"]]
    if not sound:
        return [*lines, "- No other method passes in every cell: read every interval with that in mind."]
    sound.sort(key=lambda name: abs(methods[name]["mean"] - NOMINAL))
    for position, name in enumerate(sound):
        lines.append(
            f"- {'Use' if position == 0 else 'Next'}: {NAMES[name]} (`{name}`), {methods[name]['mean']:.3f} on "
            f"average, intervals {methods[name]['length']:.2f} times as long as CR1's; "
            f"it {_beside_nominal(methods[name])}."
        )
    return lines


def _beside_nominal(method: dict[str, float]) -> str:
    """What the mean coverage says about the nominal level, to two standard errors."""
    gap = method["mean"] - NOMINAL
    if abs(gap) <= 2 * method["error"]:
        return "is not told from the nominal level"
    return "under-covers" if gap < 0 else "is conservative"


def report(results: pd.DataFrame, draws: int = DRAWS) -> str:
    """The evidence page of `collect`'s results, Markdown."""
    summary = summarise(results)
    panels, cells, methods = int(summary["panels"].iloc[0]), len(summary), by_method(results, summary)
    failed = summary[~summary["passed"]]
    bad = ", ".join(f"{r.method} {r.term} ({r.reading})" for r in failed.itertuples())
    wild = methods["wild_cluster"]
    lines = [
        "# Coverage with 31 clusters: CR1, CR3 and the wild cluster bootstrap",
        "",
        "Synthetic data only: panels simulated with known coefficients, not statistics.",
        "",
        f"- Made by `make coverage-study` (`python -m benchmarks.coverage_few_clusters --panels {panels}`), "
        f"medpanel {__version__}.",
        f"- Panels: {panels}, seeds 0 to {panels - 1}, none chosen or left out. "
        "31 provinces, 2013-2024, simulated by `medpanel.sample.simulate_panel`.",
        f"- Model: study `mspi`, Table 2 (2), both readings: province and year effects, five regressors, nominal "
        f"level {NOMINAL}.",
        f"- Wild cluster bootstrap: null imposed, Rademacher, {draws:,} draws, the panel's seed, interval by test "
        f"inversion. Degenerate draws: {wild['degenerate']} of {draws * panels * int(wild['cells']):,}; "
        f"unbounded intervals: {wild['unbounded']}.",
        f"- Documented coverage: CR1 {DOCUMENTED['cr1']} (31 clusters); CR3 and the bootstrap {NOMINAL}, the nominal "
        "level, which both are made to hold (MacKinnon, Nielsen and Webb 2023; Djogbenou, MacKinnon and Nielsen 2019).",
        "- A cell passes when the 99.9 % Clopper-Pearson interval around its coverage, Bonferroni over the "
        f"{cells} cells, contains the documented one.",
        f"- Verdict: {cells - len(failed)} of {cells} cells pass." + (f" Failing: {bad}" if bad else ""),
        "",
        "## Which interval to use",
        "",
        *advice(methods),
        "",
        "| method | mean coverage (standard error) | smallest | documented | cells that pass | mean length / CR1's |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {NAMES[name]} | {row['mean']:.3f} ({row['error']:.3f}) | {row['smallest']:.3f} | {DOCUMENTED[name]} "
        f"| {row['passed']} of {row['cells']} | {row['length']:.3f} |"
        for name, row in methods.items()
    ]
    lines += [
        "",
        "Standard errors are over panels, whose cells share their data. CR3 carries pyfixest's small-sample factor "
        "G/(G-1) x (N-1)/(N-k) on the sum over provinces, where textbooks have (G-1)/G; that makes it longer.",
        "",
        "## Every cell",
        "",
        "| method | term | reading | R | covered | share | interval | documented | verdict |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['method']} | {row['term']} | {row['reading']} | {row['panels']} | {row['covered']} "
        f"| {row['share']:.3f} | {row['low']:.3f}-{row['high']:.3f} | {row['documented']} "
        f"| {'pass' if row['passed'] else 'FAIL'} |"
        for row in summary.to_dict("records")
    ]
    return "\n".join([*lines, ""])
