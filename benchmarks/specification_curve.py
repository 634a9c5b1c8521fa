"""A thousand specifications of the MSPI study at once, beside pyfixest and `fit_two_way_fe` fitting them one by one.

Belongs here: timing them in one process on the same columns, checking that they agree, and writing the evidence. Data
are simulated; the variants of the exposure are made up. Does not belong here: the engine
(models_py/parts/specification_curve).

    python -m benchmarks.specification_curve
"""

from __future__ import annotations

import argparse
import itertools
import os
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from catalog import Study, load_studies
from catalog.base import PROJECT_DIR
from catalog.parts.specification_curve import Options
from medpanel import __version__
from medpanel.sample import DEFAULT_SEED, simulate_panel
from models_py.econometrics import fit_two_way_fe
from models_py.panel import province_panel
from models_py.parts.specification_curve.choices import EXPOSURE_CHOICES, Space, choice_space
from models_py.parts.specification_curve.columns import Columns
from models_py.parts.specification_curve.engine import Design, Grid, fit
from models_py.parts.specification_curve.joint import joint_inference

EVIDENCE = PROJECT_DIR / "docs" / "evidence" / "specification_curve.md"
LIMIT = 5.0
ROUNDS = 5
SSC = {"k_adj": True, "k_fixef": "nonnested", "G_adj": True, "G_df": "min"}
# pyfixest stops its demeaning at a tolerance, and the comparison with it can be no closer.
AGREE_PYFIXEST, AGREE_OURS = 1e-6, 1e-10


@dataclass(frozen=True)
class Times:
    """Seconds, and the largest relative gap of coefficients and standard errors against the two others."""

    specifications: int
    engine: float
    pyfixest: float
    estimator: float
    pyfixest_gap: float
    estimator_gap: float


@dataclass(frozen=True)
class Pipeline:
    """Seconds of the steps of a whole curve: data of the options, fitting, joint inference."""

    specifications: int
    draws: int
    columns: float
    fitting: float
    joint: float


def made_up_exposures(exposure: pd.DataFrame, space: Space) -> pd.DataFrame:
    """Every variant of the exposure and the year before the window: the simulated one times a factor by province."""
    base = exposure.rename(columns={"province_code": "entity_code"})[["entity_code", "year", "exposure"]]
    before = base[base["year"] == base["year"].min()]
    base = pd.concat([before.assign(year=before["year"] - 1, exposure=0.0), base], ignore_index=True)
    codes = base["entity_code"].unique()
    frames = []
    for number, options in enumerate(itertools.product(*(space.options[name] for name in EXPOSURE_CHOICES))):
        factors = dict(zip(codes, np.random.default_rng(number).uniform(0.7, 1.3, len(codes)), strict=True))
        frames.append(
            base.assign(
                exposure=base["exposure"] * base["entity_code"].map(factors),
                **dict(zip(EXPOSURE_CHOICES, options, strict=True)),
            )
        )
    return pd.concat(frames, ignore_index=True)


def prepared(study: Study, options: Options) -> tuple[Grid, list[Design], float]:
    """Columns and designs of the drawn specifications on the simulated panel, and seconds taken to make them."""
    simulated = simulate_panel(DEFAULT_SEED)
    space = choice_space(study, options)
    exposures = made_up_exposures(simulated.exposure, space)
    figures = simulated.province_year.rename(columns={"province_code": "entity_code"})
    began = time.perf_counter()
    columns = Columns(figures, exposures, study, province_panel(study.years), space)
    designs = [columns.design(chosen) for chosen in space.draw(options.at_most, options.seed)]
    grid = columns.grid()
    return grid, designs, time.perf_counter() - began


def frames_of(grid: Grid, designs: Sequence[Design]) -> list[tuple[pd.DataFrame, list[str], str]]:
    """For each regression its own small frame, the regressors and the time column; made before the clock starts."""
    made = []
    for design in designs:
        names = ["x", *(f"w{i}" for i in range(len(design.controls)))]
        frame = pd.DataFrame(grid.columns[:, [design.term, *design.controls]], columns=names)
        frame["y"] = grid.columns[:, design.outcome]
        frame["unit"], frame["year"], frame["region_year"] = grid.entity, grid.year, grid.region_year
        made.append((frame.dropna(), names, "region_year" if design.region_years else "year"))
    return made


def one_by_one(grid: Grid, designs: Sequence[Design]) -> tuple[float, np.ndarray]:
    """Seconds pyfixest takes for all regressions, and their coefficients and standard errors (n x 2)."""
    import pyfixest

    ready = []
    for (frame, names, period), design in zip(frames_of(grid, designs), designs, strict=True):
        if design.trends:
            # The last province's trend is collinear with the effects of the years.
            units = np.sort(frame["unit"].unique())[:-1]
            trends = {f"t{u}": (frame["unit"] == u) * (frame["year"] - frame["year"].min()) for u in units}
            frame, names = frame.assign(**trends), [*names, *trends]
        ready.append((f"y ~ {' + '.join(names)} | unit + {period}", frame))
    results = np.empty((len(ready), 2))
    pyfixest.feols(ready[0][0], ready[0][1], vcov={"CRV1": "unit"})
    began = time.perf_counter()
    for number, (formula, frame) in enumerate(ready):
        fitted = pyfixest.feols(formula, frame, vcov={"CRV1": "unit"}, ssc=dict(SSC))
        results[number] = float(fitted.coef()["x"]), float(fitted.se()["x"])
    return time.perf_counter() - began, results


def with_checks(grid: Grid, designs: Sequence[Design]) -> tuple[float, np.ndarray]:
    """The same through `fit_two_way_fe`."""
    ready = frames_of(grid, designs)
    results = np.empty((len(ready), 2))
    began = time.perf_counter()
    for number, ((frame, names, period), design) in enumerate(zip(ready, designs, strict=True)):
        row = fit_two_way_fe(frame, "y", names, "unit", period, trends=design.trends).estimates.iloc[0]
        results[number] = row["estimate"], row["std_error"]
    return time.perf_counter() - began, results


def measure(study: Study, specifications: int, rounds: int) -> Times:
    """All three ways on the same drawn specifications. Raises RuntimeError where they disagree."""
    options = study.options(Options).model_copy(update={"at_most": specifications})
    grid, designs, _ = prepared(study, options)
    engine = np.inf
    for _ in range(rounds):
        began = time.perf_counter()
        fits = fit(grid, designs)
        engine = min(engine, time.perf_counter() - began)
    if fits.reasons:
        raise RuntimeError(f"not every specification could be estimated: {fits.reasons}")
    ours = np.column_stack([fits.estimate, fits.std_error])
    seconds, theirs = one_by_one(grid, designs)
    checked, estimator = with_checks(grid, designs)
    # Coefficients near zero are measured by their standard error.
    size = np.maximum(np.abs(ours), ours[:, [1]])
    gaps = [float((np.abs(other - ours) / size).max()) for other in (theirs, estimator)]
    if gaps[0] > AGREE_PYFIXEST or gaps[1] > AGREE_OURS:
        raise RuntimeError(f"the ways disagree: relative gaps {gaps}")
    return Times(len(designs), engine, seconds, checked, *gaps)


def pipeline(study: Study, at_most: int) -> Pipeline:
    """A whole curve of the study, step by step."""
    options = study.options(Options).model_copy(update={"at_most": at_most})
    grid, designs, columns = prepared(study, options)
    began = time.perf_counter()
    fits = fit(grid, designs)
    fitted = time.perf_counter()
    joint_inference(grid, fits, options.draws, options.seed)
    return Pipeline(len(designs), options.draws, columns, fitted - began, time.perf_counter() - fitted)


def report(times: Times, whole: Pipeline, load: float) -> tuple[str, bool]:
    """The evidence page, Markdown, and whether the limit holds."""
    ratio, own = times.pyfixest / times.engine, times.estimator / times.engine
    passed = ratio >= LIMIT
    n = times.specifications
    lines = [
        "# The specification curve: time 规格曲线：用时",
        "",
        "Synthetic data only: a simulated panel and made-up variants of the exposure. "
        "仅合成数据：模拟面板与虚构的暴露度变体。",
        "",
        f"- Made by `make specification-benchmark`, medpanel {__version__}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, load average before {load:.1f}.",
        f"- {n:,} specifications of the study `mspi`, drawn from its declared choices with its seed; 31 provinces, "
        "2013-2024, coefficient and CR1 standard error of the exposure.",
        f"- Engine: effects absorbed once per sample and effects, controls projected once; best of {ROUNDS}.",
        "- pyfixest: `feols` on a small frame made beforehand, one call each, warm, one pass over all.",
        "- fit_two_way_fe: the project's estimator with its checks and evidence, one call each.",
        f"- Verdict: pyfixest / engine = {ratio:.0f}, at least {LIMIT:g} required: {'pass' if passed else 'FAIL'}. "
        "倍数须不低于5。",
        "",
        "| way | seconds | per specification, ms | times the engine | largest relative gap |",
        "|---|---|---|---|---|",
        f"| engine | {times.engine:.3f} | {1e3 * times.engine / n:.2f} | 1 | |",
        f"| pyfixest one by one | {times.pyfixest:.2f} | {1e3 * times.pyfixest / n:.2f} | {ratio:.0f} "
        f"| {times.pyfixest_gap:.0e} |",
        f"| fit_two_way_fe one by one | {times.estimator:.2f} | {1e3 * times.estimator / n:.2f} | {own:.0f} "
        f"| {times.estimator_gap:.0e} |",
        "",
        "Gaps are those of coefficients and standard errors, relative to the larger of the figure and the standard "
        "error; pyfixest's own demeaning stops at a tolerance.",
        "",
        f"A whole curve, {whole.specifications:,} specifications and {whole.draws} re-assignments "
        f"({whole.specifications * whole.draws:,} refits), in seconds: data of the options {whole.columns:.1f}, "
        f"fitting {whole.fitting:.1f}, joint inference {whole.joint:.1f} "
        f"({1e6 * whole.joint / (whole.specifications * whole.draws):.1f} microseconds per refit).",
        "",
    ]
    return "\n".join(lines), passed


def main() -> int:
    """Measure, write the evidence, print it; exit code 1 when the limit does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--specifications", type=int, default=1000)
    parser.add_argument("--whole", type=int, default=4000, help="specifications of the whole curve")
    parser.add_argument("--output", type=Path, default=EVIDENCE)
    arguments = parser.parse_args()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    study = load_studies()["mspi"]
    times = measure(study, arguments.specifications, ROUNDS)
    text, passed = report(times, pipeline(study, arguments.whole), load)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(text, encoding="utf-8", newline="\n")
    sys.stdout.buffer.write(text.encode("utf-8"))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
