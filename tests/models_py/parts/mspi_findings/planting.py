"""A small study with everything the findings and the comparison read, and findings read from it.

Belongs here: what several tests of this folder and of the comparison build on. What is asserted stands in the tests.
Frames made here are shared: tests replace what they plant, and never write into one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from catalog import Study, load_provinces, load_studies
from catalog.base import PROJECT_DIR
from catalog.parts import comparison, exposure, mspi_findings, performance_index, regressions
from models_py.panel import KEYS, Panel, province_panel
from models_py.parts.findings import Observation
from models_py.parts.mspi_findings.inputs import FindingInputs
from models_py.parts.performance_index.index import index_tables
from models_py.parts.regressions.panel_study import StudyResult, fit_study
from models_py.parts.regressions.study_models import ModelMaker
from models_py.parts.regressions.summary import summary_statistics
from tests.models_py.changing import only_parts, with_panel, with_part

KEPT = [("Table 2", c) for c in ("(1)", "(2)", "(3)")] + [("Table 3", c) for c in ("SSI", "QII", "HMI")]
KEPT += [("Table 4", "(1)")]
TEXTS = dict.fromkeys(("paper", "table_no", "column_no", "term", "stars", "unit", "kind", "note"), "string")
PANEL = province_panel((2013, 2024))


@cache
def small_study() -> Study:
    """The MSPI study, its evidence and Table 5 left out."""
    full = load_studies()["mspi"]
    kinds = (performance_index, exposure, regressions, comparison, mspi_findings)
    kept = with_panel(only_parts(full, *(kind.Options for kind in kinds)), provisional_years=())
    models = [spec for spec in full.options(regressions.Options).models if spec.key in KEPT]
    return with_part(with_part(kept, regressions.Options, models=models), performance_index.Options, weightings=())


@cache
def printed_figures() -> pd.DataFrame:
    """The seed, an empty cell being NULL as dbt loads it."""
    path = PROJECT_DIR / "dbt" / "seeds" / "published_figure.csv"
    return pd.read_csv(path, dtype=TEXTS, keep_default_na=False, na_values=[""])


@cache
def small_exposure() -> pd.DataFrame:
    """A share that jumps once, in 2014 or 2015, in most provinces."""
    rng = np.random.default_rng(12)
    codes = [province.province_code for province in load_provinces()]
    frame = pd.DataFrame([(c, y) for c in codes for y in range(2013, 2025)], columns=KEYS)
    start = rng.integers(2013, 2016, 31).repeat(12)
    units = rng.integers(1, 10, 31).repeat(12)
    pilots = np.where(frame["year"] >= start, units, 0)
    return frame.assign(study="mspi", pilot_units=pilots, total_units=10, exposure=pilots / 10)


@cache
def small_figures() -> pd.DataFrame:
    """Indicators with noise; visits and admissions fall with the exposure."""
    rng = np.random.default_rng(11)
    frame = small_exposure()[KEYS].copy()
    for name in small_study().indicators:
        frame[name] = np.exp(rng.normal(size=len(frame)))
    for name in ("visits_per_resident", "admission_rate"):
        frame[name] *= np.exp(-1.5 * small_exposure()["exposure"])
    return frame


@cache
def small_fit() -> StudyResult:
    """The study's regressions."""
    return fit_study(_maker(small_study(), small_figures(), small_exposure(), PANEL)[0])


@cache
def small_summary() -> pd.DataFrame:
    """The study's summary statistics."""
    return summary_statistics(_maker(small_study(), small_figures(), small_exposure(), PANEL)[0])


def _maker(
    study: Study, figures: pd.DataFrame, exposure: pd.DataFrame | None, panel: Panel
) -> tuple[ModelMaker, dict[str, pd.DataFrame]]:
    """What makes the study's models, and the tables of its index."""
    tables = index_tables(figures, study.options(performance_index.Options), panel, study.id)
    offered = {"performance_index": tables["performance_index"]}
    if exposure is not None:
        offered["exposure_variant"] = exposure
    return ModelMaker(study, panel, figures, offered), tables


def observed(inputs: FindingInputs, test: Callable[[FindingInputs], Observation]) -> tuple[bool | None, str, str]:
    """Whether the finding holds, and its text in both languages, both of them there."""
    observation = test(inputs)
    assert observation.text.en and any("\u4e00" <= letter <= "\u9fff" for letter in observation.text.zh)
    return observation.holds, observation.text.en, observation.text.zh


def build(study: Study, figures: pd.DataFrame, exposure: pd.DataFrame | None, **others: Any) -> FindingInputs:
    """Inputs of a study without any estimate or printed figure but those given."""
    maker, tables = _maker(study, figures, exposure, PANEL)
    readings = study.options(performance_index.Options).readings
    given = {
        "estimate": small_fit().estimate.head(0),
        "summary_statistic": summary_statistics(maker),
        "exposure": exposure,
        "data_kind": "real",
        **others,
    }
    return FindingInputs(
        study=study,
        panel=PANEL,
        index=tables["performance_index"],
        scores=tables["indicator_score"],
        variables={reading: maker.frame(reading) for reading in readings},
        **given,
    )
