"""The small study of the findings' planting.py, which this part's tests compare with its paper."""

from __future__ import annotations

import pandas as pd
import pytest

from catalog import Study
from models_py.parts.regressions.panel_study import StudyResult
from tests.models_py.parts.mspi_findings import planting


@pytest.fixture(scope="session")
def study() -> Study:
    """The study."""
    return planting.small_study()


@pytest.fixture(scope="session")
def published() -> pd.DataFrame:
    """The printed figures."""
    return planting.printed_figures()


@pytest.fixture(scope="session")
def fitted() -> StudyResult:
    """The study's regressions."""
    return planting.small_fit()


@pytest.fixture(scope="session")
def summary() -> pd.DataFrame:
    """The study's summary statistics."""
    return planting.small_summary()
