"""F-M6 to F-M8: what the paper's columns say of themselves, beside the study's own columns.

Belongs here: columns as the study declares and estimates them. Does not belong here: any fit.
"""

from __future__ import annotations

from catalog.base import Text
from catalog.parts.regressions import ModelSpec
from models_py.parts.mspi_findings.common import EXPOSURE, INDEX
from models_py.parts.mspi_findings.inputs import NO_EXPOSURE, FindingInputs, Observation, decimal

_DECIMALS = 3
_NO_MODEL = Observation(Text(en="The study does not have both models.", zh="本研究未同时包含这两个模型。"), None)
_DIFFERENCES = {
    "trends": Text(en="province-specific trends", zh="省份线性趋势"),
    "region_years": Text(en="region x year effects", zh="地区×年份效应"),
    "winsorise": Text(en="winsorising", zh="缩尾"),
    "lags": Text(en="lags", zh="滞后"),
    "variant": Text(en="weights of the index", zh="指数权重"),
    "without": Text(en="provinces left out", zh="剔除省份"),
    "outcome": Text(en="outcome", zh="被解释变量"),
}


def same_controls(inputs: FindingInputs) -> Observation:
    """F-M6. Holds when the study's columns (2) and (3) of Table 2 list the same regressors too, so that whatever
    separates their coefficients is something else, which is named. Not testable when either is not declared.
    """
    second, third = inputs.model("Table 2", "(2)"), inputs.model("Table 2", "(3)")
    if second is None or third is None:
        return _NO_MODEL
    same = set(second.regressors) == set(third.regressors)
    differing = _differences(second, third)
    rows = [inputs.coefficient("Table 2", column, EXPOSURE) for column in ("(2)", "(3)")]
    numbers = " / ".join(decimal(float(row["estimate"])) for row in rows if row is not None)
    english = [
        f"Regressors {'are the same' if same else 'differ'}; "
        f"what else differs: {', '.join(text.en for text in differing) or 'nothing'}."
    ]
    chinese = [f"回归元{'相同' if same else '不同'}；其他区别：{'、'.join(text.zh for text in differing) or '无'}。"]
    if numbers:
        english.append(f"Coefficients of the exposure: {numbers}.")
        chinese.append(f"暴露度系数：{numbers}。")
    return Observation(Text(en=" ".join(english), zh="".join(chinese)), same)


def column_head(inputs: FindingInputs) -> Observation:
    """F-M7. Holds when the study's Table 4 has the index as outcome, as the paper's prose says and against its column
    head; does not hold when it has HMI. Not testable without that table.
    """
    spec = inputs.model("Table 4", "(1)")
    if spec is None or spec.outcome not in (INDEX, "hmi"):
        return Observation(Text(en="The study has no such Table 4.", zh="本研究没有对应的表4。"), None)
    rows = {term: inputs.coefficient("Table 4", "(1)", term) for term in inputs.sizes}
    listed = ", ".join(
        f"{inputs.short(term)} {decimal(float(row['estimate']))}" for term, row in rows.items() if row is not None
    )
    text = Text(
        en=f"Outcome {inputs.short(spec.outcome)}; coefficients: {listed or 'none'}.",
        zh=f"被解释变量为{inputs.short(spec.outcome)}；系数：{listed or '无'}。",
    )
    return Observation(text, spec.outcome == INDEX)


def same_figure(inputs: FindingInputs) -> Observation:
    """F-M8, a flag: the paper prints one figure in Table 2 (2) and in Table 3 QII. Holds when the study's two exposure
    coefficients agree to three decimals too; not testable when either is not estimated.
    """
    if not inputs.exposed:
        return NO_EXPOSURE
    rows = [inputs.coefficient("Table 2", "(2)", EXPOSURE), inputs.coefficient("Table 3", "QII", EXPOSURE)]
    numbers = [decimal(float(row["estimate"]), _DECIMALS) for row in rows if row is not None]
    if len(numbers) < len(rows):
        return _NO_MODEL
    text = Text(
        en=f"Table 2 (2) {numbers[0]}, Table 3 QII {numbers[1]}.", zh=f"表2第(2)列{numbers[0]}，表3 QII {numbers[1]}。"
    )
    return Observation(text, numbers[0] == numbers[1])


def _differences(one: ModelSpec, other: ModelSpec) -> list[Text]:
    return [text for name, text in _DIFFERENCES.items() if getattr(one, name) != getattr(other, name)]
