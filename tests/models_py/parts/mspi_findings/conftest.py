"""A small study with everything the findings read, computed once; tests replace what they plant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from catalog import Study, load_provinces, load_studies
from catalog.base import PROJECT_DIR
from models_py.econometrics import fit_study
from models_py.parts.regressions.panel_study import StudyResult
from models_py.parts.mspi_findings import FindingInputs
from models_py.indices import performance_index
from tests.models_py.parts.mspi_findings.planting import build, changed

KEPT = [("Table 2", c) for c in ("(1)", "(2)", "(3)")] + [("Table 3", c) for c in ("SSI", "QII", "HMI")]
KEPT += [("Table 4", "(1)")]
TEXTS = dict.fromkeys(("paper", "table_no", "column_no", "term", "stars", "unit", "kind", "note"), "string")


@pytest.fixture(scope="session")
def study() -> Study:
    """The MSPI study, its evidence and Table 5 left out."""
    full = load_studies()["mspi"]
    models = [m.model_dump() for m in full.models if (m.table_no, m.model) in KEPT]
    off = dict.fromkeys(("inference", "design", "specification_curve", "mediation"))
    return changed(full, models=models, provisional_years=(), **off)


@pytest.fixture(scope="session")
def published() -> pd.DataFrame:
    """The seed, an empty cell being NULL as dbt loads it."""
    path = PROJECT_DIR / "dbt" / "seeds" / "published_figure.csv"
    return pd.read_csv(path, dtype=TEXTS, keep_default_na=False, na_values=[""])


@pytest.fixture(scope="session")
def exposure() -> pd.DataFrame:
    """A share that jumps once, in 2014 or 2015, in most provinces."""
    rng = np.random.default_rng(12)
    codes = [province.province_code for province in load_provinces()]
    frame = pd.DataFrame([(c, y) for c in codes for y in range(2013, 2025)], columns=["province_code", "year"])
    start = rng.integers(2013, 2016, 31).repeat(12)
    units = rng.integers(1, 10, 31).repeat(12)
    pilots = np.where(frame["year"] >= start, units, 0)
    return frame.assign(study="mspi", pilot_units=pilots, total_units=10, exposure=pilots / 10)


@pytest.fixture(scope="session")
def panel(study: Study, exposure: pd.DataFrame) -> pd.DataFrame:
    """Indicators with noise; visits and admissions fall with the exposure."""
    rng = np.random.default_rng(11)
    frame = exposure[["province_code", "year"]].copy()
    for name in study.indicators:
        frame[name] = np.exp(rng.normal(size=len(frame)))
    for name in ("visits_per_resident", "admission_rate"):
        frame[name] *= np.exp(-1.5 * exposure["exposure"])
    return frame


@pytest.fixture(scope="session")
def fitted(study: Study, panel: pd.DataFrame, exposure: pd.DataFrame) -> StudyResult:
    """The study's regressions."""
    return fit_study(panel, exposure, performance_index(panel, study)[0], study)


@pytest.fixture(scope="session")
def base(
    study: Study, panel: pd.DataFrame, exposure: pd.DataFrame, published: pd.DataFrame, fitted: StudyResult
) -> FindingInputs:
    """The whole of the inputs, labelled real."""
    return build(study, panel, exposure, estimate=fitted.estimate, published_figure=published)


@pytest.fixture
def planted(base: FindingInputs) -> Callable[..., FindingInputs]:
    """The inputs with parts replaced; `spoil` edits copies of the variables of every reading."""

    def plant(spoil: Callable[[pd.DataFrame], pd.DataFrame] | None = None, **parts: Any) -> FindingInputs:
        if spoil is not None:
            parts["variables"] = {name: spoil(frame.copy()) for name, frame in base.variables.items()}
        inputs = replace(base, **parts)
        if not {"variables", "study"} & set(parts):
            # The same fits: made once for all tests.
            object.__setattr__(inputs, "fits", base.fits)
        return inputs

    return plant
