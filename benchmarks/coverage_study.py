"""How often the 95 % interval of Table 2 (2) covers the planted coefficient, over simulated panels.

Belongs here: running the study's own code on panels with seeds 0 .. R-1 and writing the evidence.
Does not belong here: the verdict's arithmetic (coverage_judgement.py), the simulation (medpanel/sample).

    python benchmarks/coverage_study.py --panels 500
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

PROJECT = Path(__file__).resolve().parent.parent
if str(PROJECT) not in sys.path:  # started as a file, Python puts benchmarks/ on the path, not the project
    sys.path.insert(0, str(PROJECT))

from benchmarks.coverage_judgement import DOCUMENTED_CR1, judge  # noqa: E402
from catalog import load_studies  # noqa: E402
from catalog.parts.performance_index import Options  # noqa: E402
from medpanel import __version__  # noqa: E402
from medpanel.sample import simulate_panel  # noqa: E402
from models_py.econometrics.model_data import ModelData  # noqa: E402
from models_py.panel import ENTITY, province_panel  # noqa: E402
from models_py.parts.performance_index.index import performance_index  # noqa: E402
from models_py.parts.regressions.identities import headline_spec, readings_of  # noqa: E402
from models_py.parts.regressions.study_models import ModelMaker  # noqa: E402

EVIDENCE = PROJECT / "docs" / "evidence" / "coverage_two_way_fe.md"
STUDY, TABLE, MODEL = "mspi", "Table 2", "(2)"


def simulated_models(seed: int) -> Iterator[tuple[str, ModelData, dict[str, float]]]:
    """Reading, headline model ready to be fitted and planted coefficients by term, for the panel of this seed."""
    study = load_studies()[STUDY]
    spec = headline_spec(study)
    assert spec.key == (TABLE, MODEL)
    simulated, panel = simulate_panel(seed), province_panel(study.years)
    figures, exposure = (
        frame.rename(columns={"province_code": ENTITY}) for frame in (simulated.province_year, simulated.exposure)
    )
    index, _ = performance_index(figures, study.options(Options), panel)
    maker = ModelMaker(study, panel, figures, {"performance_index": index, "smart_exposure": exposure})
    for reading in readings_of(maker.study, spec):
        yield reading, maker.make(spec, reading).data, simulated.truth["coefficients"][reading]["mspi"]


def one_panel(seed: int) -> pd.DataFrame:
    """Estimates of Table 2 (2) on the panel of this seed, both readings, beside the planted coefficients.

    `covered` says whether the 95 % interval contains the truth, `error` is estimate less truth.
    """
    tables = []
    for reading, data, truth in simulated_models(seed):
        rows = data.fit().estimates
        tables.append(rows.assign(seed=seed, reading=reading, truth=[truth[term] for term in rows["term"]]))
    rows = pd.concat(tables, ignore_index=True)
    rows["covered"] = (rows["ci_low"] <= rows["truth"]) & (rows["truth"] <= rows["ci_high"])
    rows["error"] = rows["estimate"] - rows["truth"]
    return rows[["seed", "reading", "term", "truth", "estimate", "std_error", "error", "covered"]]


def collect(panels: int) -> pd.DataFrame:
    """`one_panel` for the seeds 0 .. panels-1; no seed is left out."""
    return pd.concat([one_panel(seed) for seed in range(panels)], ignore_index=True)


def summarise(results: pd.DataFrame) -> pd.DataFrame:
    """One row per term and reading: coverage, interval, verdict, bias and spread in standard errors."""
    groups = results.groupby(["term", "reading"], sort=False)
    rows = []
    for (term, reading), cell in groups:
        verdict = judge(int(cell["covered"].sum()), len(cell), cells=groups.ngroups)
        rows.append(
            {
                "term": term,
                "reading": reading,
                "panels": verdict.panels,
                "covered": verdict.covered,
                "share": verdict.share,
                "low": verdict.low,
                "high": verdict.high,
                "passed": verdict.passed,
                "mean_bias_in_se": float((cell["error"] / cell["std_error"]).mean()),
                "mean_se_over_sd": float(cell["std_error"].mean() / cell["error"].std(ddof=1)),
            }
        )
    return pd.DataFrame(rows)


def report(summary: pd.DataFrame) -> str:
    """The evidence page, Markdown."""
    panels, cells = int(summary["panels"].iloc[0]), len(summary)
    failed = summary[~summary["passed"]]
    lines = [
        "# Coverage of the two-way fixed-effects interval",
        "",
        "Synthetic data only: panels simulated with known coefficients, not statistics.",
        "",
        f"- Made by `make coverage-study` (`python benchmarks/coverage_study.py --panels {panels}`), "
        f"medpanel {__version__}.",
        f"- Panels: {panels}, seeds 0 to {panels - 1}, none chosen or left out. "
        "31 provinces, 2013-2024, simulated by `medpanel.sample.simulate_panel`.",
        f"- Estimator: study `{STUDY}`, {TABLE} {MODEL}: province and year effects, CR1 by province, "
        "31 clusters, t with 30 degrees of freedom, nominal level 0.95.",
        f"- Documented coverage: {DOCUMENTED_CR1}. A cell passes when the 99.9 % Clopper-Pearson interval "
        f"around its coverage, Bonferroni over the {cells} cells, contains it.",
        f"- Verdict: {cells - len(failed)} of {cells} cells pass."
        + ("" if failed.empty else " Failing: " + ", ".join(f"{r.term} ({r.reading})" for r in failed.itertuples())),
        "",
        "| term | reading | R | covered | share | interval | verdict | mean bias / SE | mean SE / SD |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in summary.to_dict("records"):
        lines.append(
            f"| {row['term']} | {row['reading']} | {row['panels']} | {row['covered']} | {row['share']:.3f} "
            f"| {row['low']:.3f}-{row['high']:.3f} | {'pass' if row['passed'] else 'FAIL'} "
            f"| {row['mean_bias_in_se']:+.3f} | {row['mean_se_over_sd']:.3f} |"
        )
    lines += [
        "",
        "Mean bias / SE: mean of (estimate - planted coefficient) / standard error. Mean SE / SD: mean "
        "standard error over the standard deviation of the errors; below 1, it understates their spread.",
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    """Run, write the evidence, print it; exit code 1 when a cell fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--panels", type=int, default=500, help="number of simulated panels (seeds 0 .. R-1)")
    parser.add_argument("--output", type=Path, default=EVIDENCE, help="where the evidence is written")
    arguments = parser.parse_args()
    if arguments.panels < 2:
        parser.error("--panels must be at least 2")
    summary = summarise(collect(arguments.panels))
    text = report(summary)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(text, encoding="utf-8", newline="\n")
    sys.stdout.buffer.write(text.encode("utf-8"))
    return 0 if summary["passed"].all() else 1


if __name__ == "__main__":
    sys.exit(main())
