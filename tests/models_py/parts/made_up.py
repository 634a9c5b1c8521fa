"""Small made-up inputs and studies for the tests that run several parts: provinces, and counties that do not exist.

Nothing here is a statistic: every figure is drawn from random numbers with a fixed seed.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from catalog import Study, load_studies, load_study
from catalog.base import PROJECT_DIR
from catalog.parts import exposure, few_clusters, products, regressions, specification_curve, treatment_timing
from catalog.provinces import load_provinces
from models_py.panel import KEYS, Panel, panel_of, province_panel
from models_py.parts.registry import compute, needs_of, parts_of, results_before, results_of
from models_py.parts.specification_curve.choices import EXPOSURE_CHOICES
from tests.models_py.changing import with_part

Frames = dict[str, pd.DataFrame]
CODES = [province.province_code for province in load_provinces()]
KEPT = [("Table 2", "(1)"), ("Table 2", "(2)"), ("Table 4", "(1)")]
KEPT += [("Table 5", "(2)"), ("Table 5", "(3)"), ("Table 5", "without municipalities")]


def small(full: Study, curve: dict[str, Any], keep: list[tuple[str, str]] | None = None) -> Study:
    """The study with few draws, a short curve and, where given, only some of its models."""
    study = with_part(full, few_clusters.Options, draws=99, permutations=99)
    study = with_part(study, specification_curve.Options, choices=curve, at_most=24, draws=99)
    if study.find(products.Options) is not None:
        study = with_part(study, products.Options, draws=99)
        study = with_part(
            study, treatment_timing.Options, leads=2, lags=2, relative_magnitudes=(1.0,), smoothness=(0.1,)
        )
    if keep is not None:
        models = [model for model in study.options(regressions.Options).models if model.key in keep]
        study = with_part(study, regressions.Options, models=models)
    return study


def mspi() -> Study:
    """Every part there is, short."""
    choices = {"numerator": ["entries"], "controls": ["none"], "effects": ["region_year"], "lag": [1]}
    return small(load_studies()["mspi"], {**choices, "utilisation": ["substitution"]}, KEPT)


def digital_finance() -> Study:
    """No index, no pilots."""
    choices = {"controls": ["none"], "effects": ["year_trends"], "lag": [1], "winsorise": [0.05]}
    return small(load_studies()["digital_finance"], {**choices, "sample": ["without_municipalities"]})


def mspi_inputs(study: Study) -> Frames:
    """Two waves of pilots, one province never exposed; the outcome moves with the exposure."""
    rng = np.random.default_rng(5)
    rows = pd.DataFrame(itertools.product(CODES, range(2012, 2025)), columns=KEYS)
    start = dict(zip(CODES, [*([2014, 2015, 2016] * 10), 9999], strict=True))
    share = dict(zip(CODES, rng.integers(1, 11, 31), strict=True))
    rows["pilot_units"] = np.where(rows["year"] >= rows["entity_code"].map(start), rows["entity_code"].map(share), 0)
    rows = rows.assign(study=study.id, total_units=10, exposure=rows["pilot_units"] / 10)
    own = {name: getattr(study.options(exposure.Options), name) for name in EXPOSURE_CHOICES}
    variants = [rows.assign(**{**own, "numerator": n}, preferred=n == own["numerator"]) for n in ("covered", "entries")]
    variants[1]["exposure"] *= 1.5
    window = rows[rows["year"] >= study.years[0]].reset_index(drop=True)
    frame = window[KEYS].copy()
    level = np.repeat(rng.normal(size=31), 12)
    for name in study.indicators:
        frame[name] = np.exp(0.3 * level + rng.normal(size=len(frame)) + 0.4 * window["exposure"])
    figures = pd.read_csv(PROJECT_DIR / "dbt" / "seeds" / "published_figure.csv", keep_default_na=False, na_values=[""])
    return {
        "figures": frame,
        "figures_alternative": frame.head(0).assign(vintage=pd.Series(dtype="str")),
        "exposure_variant": pd.concat(variants, ignore_index=True),
        "smart_exposure": window,
        "published_figure": figures,
    }


def finance_inputs(study: Study) -> Frames:
    """An index that rises everywhere, controls in logs, an outcome in per cent; another edition of one control."""
    rng = np.random.default_rng(6)
    frame = pd.DataFrame(itertools.product(CODES, range(2010, 2021)), columns=KEYS)
    level = np.repeat(rng.normal(size=31), 11)
    for name in study.indicators:
        frame[name] = np.exp(4 + 0.5 * level + rng.normal(0, 0.1, len(frame)))
    index = 30 + 28 * (frame["year"] - 2011) + 10 * level + rng.normal(0, 5, len(frame))
    frame["digital_finance_index"] = index.where(frame["year"] > 2010)
    frame["child_management_rate"] = 90 + 0.02 * index + level + rng.normal(0, 1, len(frame))
    other = frame.assign(
        vintage="old", gdp_per_capita=frame["gdp_per_capita"] * np.exp(rng.normal(0, 0.01, len(frame)))
    )
    return {"figures": frame, "figures_alternative": other}


def run(study: Study, inputs: Frames, *only: str, panel: Panel | None = None) -> Frames:
    """Results of the parts (all, or those named) by result name, each given what it needs and nothing else."""
    made: Frames = {}
    panel = panel or province_panel(study.years)
    own = results_of(study)
    for one in parts_of(study):
        if only and one.id not in only:
            continue
        given = {}
        for need in needs_of(study, one):
            names = [name for name in results_before(study, one, need) if name in made] if need in own else []
            if names or need in inputs:
                given[need] = pd.concat([made[n] for n in names], ignore_index=True) if names else inputs[need]
        tables = compute(one, study, panel, given, "synthetic")
        made |= {one.result(table): frame for table, frame in tables.items()}
    return made


# Counties that do not exist

COUNTY_YEARS = (2010, 2019)
COUNTIES = pd.DataFrame(
    {
        "entity_code": [330102 + 2 * i for i in range(40)],
        "name_zh": [f"合成县{i + 1:02d}" for i in range(40)],
        "name_en": [f"Synthetic {i + 1:02d}" for i in range(40)],
        "lon": [118.0 + 0.31 * (i % 8) for i in range(40)],
        "lat": [28.0 + 0.29 * (i // 8) for i in range(40)],
    }
)
COUNTY_STUDY = """id: counties
title:
  en: Budgets and visits in forty made-up counties (synthetic)
  zh: 四十个虚构县的预算与诊疗（合成数据）
panel: {unit: county, years: [2010, 2019], provisional_years: [2019]}
variables:
  transform: log_z
  declared:
    visits: {indicator: visits_per_resident, log: true, standardise: false}
    budget: {indicator: budget_expenditure_per_capita, log: true}
    admissions: {indicator: admission_rate, log: true}
    reform: {indicator: urban_share, scale: 0.01, standardise: false}
parts:
  - regressions:
      headline: {table_no: Table 2, model: (2), term: reform}
      models:
        - {table_no: Table 2, model: (1), outcome: visits, regressors: [reform]}
        - {table_no: Table 2, model: (2), outcome: visits, regressors: [reform, budget]}
        - {table_no: Table 2, model: trends, outcome: visits, regressors: [reform, budget], trends: true}
"""


def county_study(folder: Path, parts: str = "") -> Study:
    """The study of counties from a file, with further parts as lines of YAML."""
    path = folder / "counties.yaml"
    path.write_text(COUNTY_STUDY + parts, encoding="utf-8")
    return load_study(path)


def county_panel() -> Panel:
    """The forty counties."""
    return panel_of("county", COUNTIES, COUNTY_YEARS)


def county_figures() -> pd.DataFrame:
    """A reform in two waves, some counties without it; visits move with it. One empty cell."""
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(itertools.product(COUNTIES["entity_code"], range(2010, 2020)), columns=KEYS)
    level = np.repeat(rng.normal(size=40), 10)
    start = np.repeat([2013] * 14 + [2015] * 14 + [9999] * 12, 10)
    share = np.repeat(rng.uniform(20, 80, 40), 10)
    frame["urban_share"] = np.where(frame["year"] >= start, share, 0.0)
    frame["budget_expenditure_per_capita"] = np.exp(8 + 0.4 * level + rng.normal(0, 0.2, len(frame)))
    frame["admission_rate"] = np.exp(2 + 0.2 * frame["urban_share"] / 100 + rng.normal(0, 0.1, len(frame)))
    noise = rng.normal(0, 0.1, len(frame))
    frame["visits_per_resident"] = np.exp(1 + 0.2 * level + 0.3 * frame["urban_share"] / 100 + noise)
    frame.loc[7, "visits_per_resident"] = np.nan
    return frame
