"""The small study of planting.py as fixtures; tests replace what they plant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from catalog import Study
from models_py.parts.mspi_findings.inputs import FindingInputs
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
def exposure() -> pd.DataFrame:
    """Its exposure."""
    return planting.small_exposure()


@pytest.fixture(scope="session")
def figures() -> pd.DataFrame:
    """Its indicators."""
    return planting.small_figures()


@pytest.fixture(scope="session")
def fitted() -> StudyResult:
    """Its regressions."""
    return planting.small_fit()


@pytest.fixture(scope="session")
def base(
    study: Study, figures: pd.DataFrame, exposure: pd.DataFrame, published: pd.DataFrame, fitted: StudyResult
) -> FindingInputs:
    """The whole of the inputs, labelled real."""
    return planting.build(study, figures, exposure, estimate=fitted.estimate, published_figure=published)


@pytest.fixture
def planted(base: FindingInputs) -> Callable[..., FindingInputs]:
    """The inputs with parts replaced; `spoil` edits copies of the variables of every reading."""

    def plant(spoil: Callable[[pd.DataFrame], pd.DataFrame] | None = None, **parts: Any) -> FindingInputs:
        if spoil is not None:
            parts["variables"] = {name: spoil(frame.copy()) for name, frame in base.variables.items()}
        inputs = replace(base, **parts)
        if not {"variables", "study"} & set(parts):
            # The same fits: made once for all tests.
            object.__setattr__(inputs, "made", base.made)
        return inputs

    return plant
