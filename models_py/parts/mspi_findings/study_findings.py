"""All findings on the MSPI paper: the rows of the table `finding`.

Belongs here: their titles and order, what happens to one that cannot be estimated. Does not belong here: any finding
(identities.py and its neighbours) or printed figure (paper_texts.py), and the table in the report (parts/findings.py).
"""

import pandas as pd

from catalog.base import Text
from models_py.econometrics.result import EstimationError
from models_py.parts.findings import Check, Observation, finding_rows
from models_py.parts.mspi_findings import paper_texts
from models_py.parts.mspi_findings.identities import additivity, decomposition, identity, index_spread
from models_py.parts.mspi_findings.inputs import NO_EXPOSURE, FindingInputs
from models_py.parts.mspi_findings.layout import (
    column_head,
    printed_ranges,
    raw_count_ratio,
    same_controls,
    same_figure,
    sign_of_utilisation,
    where_exposure_varies,
)
from models_py.parts.regressions.variables import StudyError

CHECKS: tuple[Check[FindingInputs], ...] = (
    Check(
        "F-M1",
        Text(
            en="The spread of the index is what the correlation of its indicators makes it",
            zh="指数的离散程度由各指标的相关性决定",
        ),
        paper_texts.spread,
        index_spread,
    ),
    Check(
        "F-M2",
        Text(
            en="The exposure coefficient on the index is the weighted sum of those on its dimensions",
            zh="暴露度对总指数的系数等于对各分指数系数的加权和",
        ),
        paper_texts.additivity,
        additivity,
        of_exposure=True,
    ),
    Check(
        "F-M3",
        Text(
            en="The index regressed on its own dimensions is an identity, not evidence",
            zh="总指数对自身分指数的回归是恒等式，而非证据",
        ),
        paper_texts.identity,
        identity,
    ),
    Check(
        "F-M4",
        Text(en="Direct plus indirect coefficient equals the total", zh="直接系数与间接系数之和等于总系数"),
        paper_texts.decomposition,
        decomposition,
        of_exposure=True,
    ),
    Check(
        "F-M5",
        Text(
            en="Exposure goes with less hospital use, which the index counts as worse",
            zh="暴露度与医院利用减少相关，而总指数将其记为变差",
        ),
        paper_texts.sign_of_utilisation,
        sign_of_utilisation,
        of_exposure=True,
    ),
    Check(
        "F-M6",
        Text(en="Columns (2) and (3) of Table 2 list the same regressors", zh="表2第(2)列与第(3)列所列回归元相同"),
        paper_texts.same_controls,
        same_controls,
    ),
    Check(
        "F-M7",
        Text(
            en="The dependent variable of Table 4 is the index, not HMI as its column is headed",
            zh="表4的被解释变量为总指数，而非列名所示的健康管理指数",
        ),
        paper_texts.column_head,
        column_head,
    ),
    Check(
        "F-M8",
        Text(
            en="Table 2 (2) and Table 3 QII have the same exposure coefficient",
            zh="表2第(2)列与表3 QII的暴露度系数相同",
        ),
        paper_texts.same_figure,
        same_figure,
        of_exposure=True,
    ),
    Check(
        "F-M9",
        Text(
            en="The printed range of Table 1 is not that of the 31 provinces",
            zh="表1所列取值范围并非31个省份的取值范围",
        ),
        paper_texts.ranges,
        printed_ranges,
    ),
    Check(
        "F-M10",
        Text(en="The exposure hardly varies after 2015", zh="2015年后暴露度几乎不再变化"),
        paper_texts.exposure_years,
        where_exposure_varies,
        of_exposure=True,
    ),
    Check(
        "F-M11",
        Text(
            en="Pilots counted one by one exceed the units they are divided by",
            zh="按个数计数的试点多于作为分母的单位数",
        ),
        paper_texts.raw_count,
        raw_count_ratio,
    ),
)


def study_findings(inputs: FindingInputs) -> pd.DataFrame:
    """F-M1 to F-M11 (domain section 4.1) on the study's own data, one row each, as in table `finding`.

    `published` and `implied` are NULL unless the study declares a paper. The rule
    behind each verdict (holds, does not hold, not testable) is in the finding's function. A finding whose
    regression cannot be estimated, or whose exposure has gaps, is not testable, and its text gives the reason; on
    synthetic data every text says that nothing follows about the paper.

    Raises ComparisonError as `FindingInputs`, for units without a declared conversion, and entries that occur twice.
    """
    return finding_rows(CHECKS, lambda check: _observed(check, inputs), inputs.printed, inputs.study, inputs.data_kind)


def _observed(check: Check[FindingInputs], inputs: FindingInputs) -> Observation:
    if check.of_exposure and not inputs.exposed:
        return NO_EXPOSURE
    try:
        return check.test(inputs)
    except (EstimationError, StudyError) as error:
        return Observation(Text(en=f"Not estimated: {error}.", zh=f"无法估计：{error}。"), None)
