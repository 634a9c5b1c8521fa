"""F-M6 to F-M8: what the paper's columns say of themselves, beside the study's own columns.

Belongs here: comparisons of columns as declared and as estimated. Does not belong here: any fit.
"""

from __future__ import annotations

from catalog.base import Text
from catalog.studies import ModelSpec
from models_py.findings.common import EXPOSURE, INDEX
from models_py.findings.counterparts import COUNTERPARTS, MSPI_PAPER
from models_py.findings.inputs import NO_EXPOSURE, Finding, FindingInputs, both, decimal, verdict

_ROW = "smart_city_exposure"
_DECIMALS = 3
_NO_MODEL = Text(en="The study does not declare both models.", zh="本研究未同时设定这两个模型。")
_DIFFERENCES = {
    "trends": Text(en="province-specific trends", zh="省份线性趋势"),
    "region_years": Text(en="region x year effects", zh="地区×年份效应"),
    "winsorise": Text(en="winsorising", zh="缩尾"),
    "lags": Text(en="lags", zh="滞后"),
    "weighting": Text(en="weights of the index", zh="指数权重"),
    "without": Text(en="provinces left out", zh="剔除省份"),
    "outcome": Text(en="outcome", zh="被解释变量"),
}


def same_controls(inputs: FindingInputs) -> Finding:
    """F-M6. Holds when the study's columns (2) and (3) of Table 2 list the same regressors too, so that whatever
    separates their coefficients is something else, which is named. Not testable when either is not declared.
    """
    title = Text(en="What separates columns (2) and (3) of Table 2", zh="表2第(2)列与第(3)列的区别")
    published = implied = None
    coefficients = COUNTERPARTS[MSPI_PAPER].coefficients
    lists = {c: [t for t in inputs.printed.terms("Table 2", c) if t in coefficients] for c in ("(2)", "(3)")}
    figures = inputs.printed.all(("Table 2", "(2)", _ROW), ("Table 2", "(3)", _ROW))
    if figures is not None and set(lists["(2)"]) == set(lists["(3)"]):
        terms = ", ".join(lists["(2)"])
        published = both(
            f"both list {terms}; exposure {figures[0]} and {figures[1]}",
            f"两列均列出{terms}；暴露度{figures[0]}与{figures[1]}",
        )
        implied = both("the controls said to be added in (3) are not named", "文中称第(3)列增加的控制变量未列出")
    second, third = inputs.model("Table 2", "(2)"), inputs.model("Table 2", "(3)")
    if second is None or third is None:
        return inputs.finding("F-M6", title, published, implied, _NO_MODEL, verdict(None))
    same = set(second.regressors) == set(third.regressors)
    differing = _differences(second, third)
    en_parts = ", ".join(text.en for text in differing) or "nothing"
    zh_parts = "、".join(text.zh for text in differing) or "无"
    rows = [inputs.coefficient("Table 2", column, EXPOSURE) for column in ("(2)", "(3)")]
    numbers = [decimal(float(row["estimate"])) for row in rows if row is not None]
    values = f" {EXPOSURE} {' / '.join(numbers)}." if len(numbers) == len(rows) else ""
    values_zh = f"暴露度系数{' / '.join(numbers)}。" if len(numbers) == len(rows) else ""
    observed = Text(
        en=f"Regressors {'are the same' if same else 'differ'}; what else differs: {en_parts}.{values}",
        zh=f"回归元{'相同' if same else '不同'}；其他区别：{zh_parts}。{values_zh}",
    )
    return inputs.finding("F-M6", title, published, implied, observed, verdict(same))


def column_head(inputs: FindingInputs) -> Finding:
    """F-M7. Holds when the study's Table 4 has the index as outcome, as the paper's prose says and against its column
    head; does not hold when it has HMI. Not testable without that table.
    """
    title = Text(en="Dependent variable of Table 4", zh="表4的被解释变量")
    published = implied = None
    hmi = inputs.printed.get("Table 4", "(1)", "HMI")
    if hmi is not None:
        published = both(
            f"headed Health management index, the prose says MSPI; HMI {hmi}",
            f"列名为健康管理指数，正文为MSPI；HMI {hmi}",
        )
        implied = both(
            "with HMI as dependent variable its own coefficient would be 1 and all others 0",
            "若被解释变量为HMI，其自身系数应为1，其余为0",
        )
    spec = inputs.model("Table 4", "(1)")
    if spec is None or spec.outcome not in (INDEX, "hmi"):
        text = Text(en="The study has no such Table 4.", zh="本研究没有对应的表4。")
        return inputs.finding("F-M7", title, published, implied, text, verdict(None))
    rows = {term: inputs.coefficient("Table 4", "(1)", term) for term in inputs.sizes}
    listed = ", ".join(f"{term} {decimal(float(row['estimate']))}" for term, row in rows.items() if row is not None)
    observed = Text(
        en=f"Outcome {spec.outcome}; {listed or 'no coefficients'}.",
        zh=f"被解释变量为{spec.outcome}；{listed or '无系数'}。",
    )
    return inputs.finding("F-M7", title, published, implied, observed, verdict(spec.outcome == INDEX))


def same_figure(inputs: FindingInputs) -> Finding:
    """F-M8, a flag: the paper prints one figure in Table 2 (2) and in Table 3 QII. Holds when the study's two exposure
    coefficients agree to three decimals too; not testable when either is not estimated.
    """
    title = Text(en="One figure in two tables", zh="同一数字出现在两张表中")
    published = implied = None
    figures = inputs.printed.all(("Table 2", "(2)", _ROW), ("Table 3", "QII", _ROW))
    if figures is not None:
        published = both(f"Table 2 (2) {figures[0]}, Table 3 QII {figures[1]}", f"表2第(2)列{figures[0]}，表3 QII {figures[1]}")
        implied = both(
            "possible, but a chance agreement to three decimals of two different regressions",
            "并非不可能，但两个不同回归的系数三位小数完全相同属巧合",
        )
    if inputs.study.exposure is None:
        return inputs.finding("F-M8", title, published, implied, NO_EXPOSURE, verdict(None))
    rows = [inputs.coefficient("Table 2", "(2)", EXPOSURE), inputs.coefficient("Table 3", "QII", EXPOSURE)]
    numbers = [float(row["estimate"]) for row in rows if row is not None]
    if len(numbers) < len(rows):
        return inputs.finding("F-M8", title, published, implied, _NO_MODEL, verdict(None))
    texts = [decimal(value, _DECIMALS) for value in numbers]
    observed = Text(
        en=f"Table 2 (2) {texts[0]}, Table 3 QII {texts[1]}.", zh=f"表2第(2)列{texts[0]}，表3 QII {texts[1]}。"
    )
    return inputs.finding("F-M8", title, published, implied, observed, verdict(texts[0] == texts[1]))


def _differences(one: ModelSpec, other: ModelSpec) -> list[Text]:
    return [text for name, text in _DIFFERENCES.items() if getattr(one, name) != getattr(other, name)]
