"""F-M5 to F-M8: signs, heads and figures of the paper's columns, beside the study's own columns.

Belongs here: columns as the study declares and estimates them. Does not belong here: what must hold (identities.py).
"""

from catalog.base import Text
from models_py.parts.mspi_findings.inputs import (
    EXPOSURE,
    INDEX,
    FindingInputs,
    Observation,
    decimal,
    observed,
)

_DECIMALS = 3
UTILISATION = "ssi"
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


_LESS_USE = {
    True: Text(
        en="Exposure goes with less hospital use: a loss under the volume reading, a gain under substitution.",
        zh="暴露度与利用减少相关：利用量口径记为损失，替代口径记为改善。",
    ),
    False: Text(
        en="Exposure does not go with less hospital use here, so there is no such improvement to book.",
        zh="本数据中暴露度并不与利用减少相关。",
    ),
}


def sign_of_utilisation(inputs: FindingInputs) -> Observation:
    """F-M5. The paper defines SSI as a move away from hospital use (higher is better), prints a negative exposure
    coefficient on it, calls that an improvement, and lets SSI enter the index positively (domain section 2.3).

    Holds when these data show the same: the exposure's coefficient on SSI is below zero under `volume` (less use, the
    improvement the paper speaks of), so that the index counts it as a loss under `volume`, and SSI rises under
    `substitution`, against the printed sign. Does not hold when it is zero or above. By sign, whatever its p-value,
    which is printed. Not testable without an exposure.
    """
    texts, on_utilisation = [], {}
    for reading in ("volume", "substitution"):
        on_utilisation[reading] = inputs.coefficients(reading, UTILISATION)[EXPOSURE]
        p_value = inputs.fit(reading, UTILISATION).estimates.set_index("term")["p_value"][EXPOSURE]
        on_index = decimal(inputs.coefficients(reading, INDEX)[EXPOSURE])
        numbers = f"{decimal(on_utilisation[reading])} (p = {decimal(p_value, 3)})"
        texts.append(
            Text(
                en=f"{reading}: {numbers} on SSI, {on_index} on the index.",
                zh=f"{inputs.reading_zh(reading)}：对SSI {numbers}，对总指数{on_index}。",
            )
        )
    share = inputs.sizes[UTILISATION] / inputs.count
    moved = decimal(share * (on_utilisation["substitution"] - on_utilisation["volume"]))
    less = on_utilisation["volume"] < 0
    change = Text(
        en=f"Going from volume to substitution moves the index's coefficient by {moved}.",
        zh=f"由利用量口径改为替代口径，总指数系数变动{moved}。",
    )
    return observed([*texts, change, _LESS_USE[less]], less)


def same_controls(inputs: FindingInputs) -> Observation:
    """F-M6. Holds when the study's columns (2) and (3) of Table 2 list the same regressors too, so that whatever
    separates their coefficients is something else, which is named. Not testable when either is not declared.
    """
    second, third = inputs.model("Table 2", "(2)"), inputs.model("Table 2", "(3)")
    if second is None or third is None:
        return _NO_MODEL
    same = set(second.regressors) == set(third.regressors)
    differing = [text for name, text in _DIFFERENCES.items() if getattr(second, name) != getattr(third, name)]
    found = [inputs.coefficient("Table 2", column, EXPOSURE) for column in ("(2)", "(3)")]
    numbers = " / ".join(decimal(estimate) for estimate in found if estimate is not None)
    texts = [
        Text(
            en=f"Regressors {'are the same' if same else 'differ'}; "
            f"what else differs: {', '.join(text.en for text in differing) or 'nothing'}.",
            zh=f"回归元{'相同' if same else '不同'}；其他区别：{'、'.join(text.zh for text in differing) or '无'}。",
        )
    ]
    if numbers:
        texts.append(Text(en=f"Coefficients of the exposure: {numbers}.", zh=f"暴露度系数：{numbers}。"))
    return observed(texts, same)


def column_head(inputs: FindingInputs) -> Observation:
    """F-M7. Holds when the study's Table 4 has the index as outcome, as the paper's prose says and against its column
    head; does not hold when it has HMI. Not testable without that table.
    """
    spec = inputs.model("Table 4", "(1)")
    if spec is None or spec.outcome not in (INDEX, "hmi"):
        return Observation(Text(en="The study has no such Table 4.", zh="本研究没有对应的表4。"), None)
    found = {inputs.short(term): inputs.coefficient("Table 4", "(1)", term) for term in inputs.sizes}
    listed = ", ".join(f"{name} {decimal(estimate)}" for name, estimate in found.items() if estimate is not None)
    text = Text(
        en=f"Outcome {inputs.short(spec.outcome)}; coefficients: {listed or 'none'}.",
        zh=f"被解释变量为{inputs.short(spec.outcome)}；系数：{listed or '无'}。",
    )
    return Observation(text, spec.outcome == INDEX)


def same_figure(inputs: FindingInputs) -> Observation:
    """F-M8, a flag: the paper prints one figure in Table 2 (2) and in Table 3 QII. Holds when the study's two exposure
    coefficients agree to three decimals too; not testable when either is not estimated.
    """
    found = [inputs.coefficient("Table 2", "(2)", EXPOSURE), inputs.coefficient("Table 3", "QII", EXPOSURE)]
    numbers = [decimal(estimate, _DECIMALS) for estimate in found if estimate is not None]
    if len(numbers) < len(found):
        return _NO_MODEL
    one, other = numbers
    text = Text(en=f"Table 2 (2) {one}, Table 3 QII {other}.", zh=f"表2第(2)列{one}，表3 QII {other}。")
    return Observation(text, one == other)
