"""All findings of a study: the rows of table `finding`.

Belongs here: their order, and what becomes of one that cannot be estimated. Does not belong here: any finding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import pandas as pd

from catalog import load_tables
from catalog.base import Text
from models_py.econometrics.result import EstimationError
from models_py.findings.exposure import raw_count_ratio, where_exposure_varies
from models_py.findings.identities import additivity, decomposition, identity
from models_py.findings.inputs import Finding, FindingInputs, verdict
from models_py.findings.layout import column_head, same_controls, same_figure
from models_py.findings.ranges import printed_ranges
from models_py.findings.signs import sign_of_utilisation
from models_py.findings.spread import index_spread

FINDINGS: dict[str, Callable[[FindingInputs], Finding]] = {
    "F-M1": index_spread,
    "F-M2": additivity,
    "F-M3": identity,
    "F-M4": decomposition,
    "F-M5": sign_of_utilisation,
    "F-M6": same_controls,
    "F-M7": column_head,
    "F-M8": same_figure,
    "F-M9": printed_ranges,
    "F-M10": where_exposure_varies,
    "F-M11": raw_count_ratio,
}
TABLE = "finding"


def study_findings(inputs: FindingInputs) -> pd.DataFrame:
    """F-M1 to F-M11 (domain section 4.1) on the study's own data, one row each, as in table `finding`.

    No row for a study without an index. `published` and `implied` are NULL unless the study declares a paper. The rule
    behind each verdict (holds, does not hold, not testable) stands in the finding's function. A finding whose regression
    cannot be estimated is not testable, and its text gives the estimator's reason.

    Raises FindingError as `FindingInputs`, and for units without a declared conversion.
    """
    columns = [name for name in load_tables()[TABLE].columns if name != "data_kind"]
    if inputs.study.index is None:
        return pd.DataFrame(columns=columns, dtype="object")
    rows = [asdict(_tested(name, test, inputs)) for name, test in FINDINGS.items()]
    return pd.DataFrame(rows, columns=columns)


def _tested(name: str, test: Callable[[FindingInputs], Finding], inputs: FindingInputs) -> Finding:
    try:
        return test(inputs)
    except EstimationError as error:
        title = Text(en="A regression this needs cannot be estimated", zh="所需回归无法估计")
        text = Text(en=f"Not estimated: {error}.", zh=f"无法估计：{error}。")
        return inputs.finding(name, title, None, None, text, verdict(None))
