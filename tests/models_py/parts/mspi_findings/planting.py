"""Inputs of findings for tests: a study changed, its indices and variables made, a finding read.

Belongs here: what several tests of this folder build on. What is asserted stands in the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from catalog import Study
from models_py.econometrics import prepare_variables
from models_py.parts.regressions.summary import summary_statistics
from models_py.parts.mspi_findings import FindingInputs
from models_py.parts.mspi_findings.inputs import Observation
from models_py.indices import performance_index


def changed(study: Study, **sections: Any) -> Study:
    """The study with sections replaced, mappings merged."""
    data = study.model_dump()
    for name, value in sections.items():
        data[name] = {**data[name], **value} if isinstance(value, dict) and isinstance(data[name], dict) else value
    return Study.model_validate(data)


def observed(inputs: FindingInputs, test: Callable[[FindingInputs], Observation]) -> tuple[bool | None, str, str]:
    """Whether the finding holds, and its text in both languages, both of them there."""
    observation = test(inputs)
    assert observation.text.en and any("\u4e00" <= letter <= "\u9fff" for letter in observation.text.zh)
    return observation.holds, observation.text.en, observation.text.zh


def build(study: Study, panel: pd.DataFrame, exposure: pd.DataFrame | None, **others: Any) -> FindingInputs:
    """Inputs of a study without any estimate or printed figure but those given."""
    index, scores = performance_index(panel, study)
    assert study.index is not None
    variables = {r: prepare_variables(panel, exposure, index, study, reading=r) for r in study.index.readings}
    empty = pd.DataFrame(columns=["study", "table_no", "model", "term", "effect", "method", "estimate"])
    summary = summary_statistics(panel, exposure, index, study)
    given = {"estimate": empty, "summary_statistic": summary, "exposure": exposure, "data_kind": "real", **others}
    return FindingInputs(study=study, index=index, scores=scores, variables=variables, **given)
