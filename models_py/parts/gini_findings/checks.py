"""F-G1 and the four directions of the Gini paper's abstract, as rows of table `finding`.

Belongs here: headings and what the paper prints. Does not belong here: what these data show (claims.py).
F-G1 is the catalogue's own number; F-G2 to F-G5 are the statements of the abstract in their order.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from catalog import Study
from catalog.base import Text
from models_py.parts.comparison.printed import Printed, read_printed
from models_py.parts.findings import Check, Observation, both, finding_rows
from models_py.parts.gini_findings.claims import CLAIMS, Evidence

_PLACE = ("abstract", "qualitative")
_CHINESE = dict(
    zip(
        CLAIMS,
        (
            "数字健康总体上缓解了配置不均等",
            "改善偏远或农村地区的可及性",
            "优质资源向发达地区集聚",
            "线上优质资源集中于一线城市",
        ),
        strict=True,
    )
)
_TITLES = (
    Text(en="Gini coefficients by population fall within the window", zh="窗口期内按人口基尼系数下降"),
    Text(
        en="Online doctors are spread more evenly than offline physicians in the west",
        zh="西部在线医生分布较线下医师更均等",
    ),
    Text(
        en="High-quality online doctors are spread less evenly than all online doctors",
        zh="高水平在线医生分布较全部在线医生更不均等",
    ),
    Text(
        en="First-tier cities hold a larger share of high-quality online doctors than of all",
        zh="一线城市占高水平在线医生的比重高于占全部在线医生的比重",
    ),
)


@dataclass(frozen=True)
class Inputs:
    """What a finding is looked for in."""

    study: Study
    evidence: Evidence


def window_here(inputs: Inputs) -> Observation:
    """F-G1. Holds when years of the paper's window are not in the study, so that not even its window can be rebuilt."""
    first, last = inputs.evidence.window
    held = set(range(inputs.study.years[0], inputs.study.years[1] + 1))
    absent = [str(year) for year in range(first, last + 1) if year not in held]
    told, told_zh = ", ".join(absent) or "none", "、".join(absent) or "无"
    text = Text(
        en=f"Years of {first}-{last} without figures here: {told}.", zh=f"{first}—{last}年中本数据缺少：{told_zh}。"
    )
    return Observation(text, bool(absent))


def _abstract(printed: Printed) -> tuple[Text, Text] | None:
    """F-G1: what the abstract has instead of figures."""
    stated = [term for term in CLAIMS if printed.get(*_PLACE, term) is not None]
    years = printed.all(("design", "data", "first_year"), ("design", "data", "last_year"))
    if not stated or years is None:
        return None
    window = "-".join(f"{year.value:.0f}" for year in years)
    return (
        both(f"{len(stated)} statements on {window}, no figure", f"{window}年的{len(stated)}项陈述，无数值"),
        both("only directions can be compared, nothing reproduced", "只能比较方向，无法复现"),
    )


def _stated(term: str) -> Callable[[Printed], tuple[Text, Text] | None]:
    """What the abstract states; nothing follows from it without figures."""
    stated = both(term, _CHINESE[term]), both("no figure to check", "无可核对的数值")
    return lambda printed: None if printed.get(*_PLACE, term) is None else stated


def _of_evidence(claim: Callable[[Evidence], Observation]) -> Callable[[Inputs], Observation]:
    return lambda inputs: claim(inputs.evidence)


CHECKS: tuple[Check[Inputs], ...] = (
    Check(
        "F-G1",
        Text(
            en="The abstract gives directions but no figure, and part of its window is not in these data",
            zh="摘要仅有方向而无数值，且其时间窗口部分年份不在本数据中",
        ),
        _abstract,
        window_here,
    ),
    *(
        Check(f"F-G{number}", title, _stated(term), _of_evidence(claim))
        for number, (title, (term, claim)) in enumerate(zip(_TITLES, CLAIMS.items(), strict=True), start=2)
    ),
)


def gini_findings(study: Study, data_kind: str, published: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """Table `finding` of the study. Raises ComparisonError as `read_printed`."""
    inputs = Inputs(study, evidence)
    printed = read_printed(published, study.paper)
    return finding_rows(CHECKS, lambda check: check.test(inputs), printed, study, data_kind)
