"""F-M5 to F-M11: what the paper prints about its columns, ranges and exposure, beside the study's own figures.

Belongs here: columns as the study declares and estimates them, the range of its variables, where its exposure varies.
Does not belong here: what must hold (identities.py), computing ranges (parts/regressions/summary.py), judging a file's
figures for plausibility (expectations/), making the exposure (dbt/).
"""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from catalog.base import Text, refuse
from catalog.papers import paper_named
from models_py.panel import ENTITY, KEYS
from models_py.parts.comparison.printed import ComparisonError, in_printed_unit
from models_py.parts.diagnostics.exposure_variation import LAST_BATCH, exposure_variation
from models_py.parts.findings import Observation, observed
from models_py.parts.mspi_findings.inputs import (
    EXPOSURE,
    INDEX,
    NO_EXPOSURE,
    PAPER,
    FindingInputs,
    decimal,
)
from models_py.parts.regressions.summary import place_shown

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
    shown = Text(en=f"Coefficients of the exposure: {numbers}.", zh=f"暴露度系数：{numbers}。")
    return observed([*texts, *([shown] if numbers else [])], same)


def column_head(inputs: FindingInputs) -> Observation:
    """F-M7. Holds when the study's Table 4 has the index as outcome, as the paper's prose says and against its column
    head; does not hold when it has HMI. Not testable without that table.
    """
    spec = inputs.model("Table 4", "(1)")
    if spec is None or spec.outcome not in (INDEX, "hmi"):
        return Observation(Text(en="The study has no such Table 4.", zh="本研究没有对应的表4。"), None)
    found = {inputs.short(term): inputs.coefficient("Table 4", "(1)", term) for term in inputs.sizes}
    listed = ", ".join(f"{name} {decimal(estimate)}" for name, estimate in found.items() if estimate is not None)
    return Observation(
        Text(
            en=f"Outcome {inputs.short(spec.outcome)}; coefficients: {listed or 'none'}.",
            zh=f"被解释变量为{inputs.short(spec.outcome)}；系数：{listed or '无'}。",
        ),
        spec.outcome == INDEX,
    )


def same_figure(inputs: FindingInputs) -> Observation:
    """F-M8, a flag: the paper prints one figure in Table 2 (2) and in Table 3 QII. Holds when the study's two exposure
    coefficients agree to three decimals too; not testable when either is not estimated.
    """
    found = [inputs.coefficient("Table 2", "(2)", EXPOSURE), inputs.coefficient("Table 3", "QII", EXPOSURE)]
    numbers = [decimal(estimate, _DECIMALS) for estimate in found if estimate is not None]
    if len(numbers) < len(found):
        return _NO_MODEL
    one, other = numbers
    return Observation(
        Text(en=f"Table 2 (2) {one}, Table 3 QII {other}.", zh=f"表2第(2)列{one}，表3 QII {other}。"), one == other
    )


SIDES_ZH = {"min": "最小值", "max": "最大值"}


@dataclass(frozen=True)
class Bound:
    """A printed extreme in doubt: the contradiction is an own one `below`, or `above`, it."""

    row: str
    column: Literal["min", "max"]
    own: Literal["below", "above"]
    zh: str


# Domain section 4.1, F-M9: minima above Tibet's, a minimum no province comes down to, a maximum below Tibet's.
BOUNDS = (
    Bound("population_density", "min", "below", "人口密度"),
    Bound("urbanization_rate", "min", "below", "城镇化率"),
    Bound("gdp_per_capita", "min", "above", "人均地区生产总值"),
    Bound("fiscal_expenditure_per_capita", "max", "above", "人均财政支出"),
)
_WORDS_ZH = {"below": "低于论文所列", "above": "高于论文所列"}


def printed_ranges(inputs: FindingInputs) -> Observation:
    """F-M9. Holds when at least one extreme of these data lies more than half a printed unit on the side that
    contradicts the printed one (density and urbanization below the printed minimum, GDP per capita never as low as it,
    fiscal expenditure above the printed maximum): the printed sample is then not the 31 provinces at current prices.
    Does not hold when none does. Not testable on synthetic data, without a paper, or without any of the variables.
    """
    texts, contradictions = [], []
    for bound in BOUNDS:
        own = _own(inputs, bound)
        if own is None:
            continue
        figure = inputs.printed.get("Table 1", bound.column, bound.row)
        value, where = float(own[bound.column]), place_shown(str(own[f"{bound.column}_at"]))
        if figure is not None:
            place = f"Table 1, {bound.column}, {bound.row}"
            value = in_printed_unit(value, own["unit"], figure.unit, paper_named(PAPER).units, place)
        number = f"{value:,.{1 if figure is None or figure.decimals is None else figure.decimals}f}"
        mark = mark_zh = ""
        if figure is not None and inputs.data_kind == "real":
            gap = value - figure.value
            found = gap < -figure.half_unit if bound.own == "below" else gap > figure.half_unit
            contradictions.append(found)
            mark = f", {bound.own} the printed {figure}" if found else f", printed {figure}"
            mark_zh = f"，{_WORDS_ZH[bound.own]}{figure}" if found else f"，论文为{figure}"
        texts.append(
            Text(
                en=f"{bound.row.replace('_', ' ')}: {bound.column} {number} ({where.en}){mark}.",
                zh=f"{bound.zh}：{SIDES_ZH[bound.column]}{number}（{where.zh}）{mark_zh}。",
            )
        )
    if not texts:
        return Observation(Text(en="None of the four variables is in the study.", zh="本研究不含这四个变量。"), None)
    return observed(texts, any(contradictions) if contradictions else None)


def _own(inputs: FindingInputs, bound: Bound) -> pd.Series | None:
    names, summary = paper_named(PAPER), inputs.summary_statistic
    table, variable = names.statistics["Table 1"], names.variables[bound.row]
    rows = summary[(summary["table_no"] == table) & (summary["variable"] == variable)]
    return None if rows.empty else rows.iloc[0]


_SMALL = 0.01
_EXACT = 1e-12


def where_exposure_varies(inputs: FindingInputs) -> Observation:
    """F-M10. Holds when changes after 2015 account for less than 1 % of the exposure's within variance (province and
    year effects removed; `exposure_within_variance_late` of `exposure_variation`), in either direction: two-way fixed
    effects then compare 2013-2015 with later years, whatever the length of the panel. Denominators that move leave a
    little. Not testable without an exposure, or when no province's exposure changes.
    """
    if inputs.exposure is None:
        return NO_EXPOSURE
    variation = exposure_variation(inputs.exposure, inputs.data(inputs.options.readings[0], INDEX))
    share = float(variation.spec_test.set_index("test")["statistic"]["exposure_within_variance_late"])
    changing = [
        (inputs.panel.called([code]), [int(year) for year in years.split(", ")])
        for code, years in zip(variation.entities[ENTITY], variation.entities["years_changed"], strict=True)
        if years
    ]
    if not changing or pd.isna(share):
        return Observation(
            Text(en="No province's exposure changes over the window.", zh="样本期内各省暴露度均无变化。"), None
        )
    counts = pd.Series([year for _, years in changing for year in years]).value_counts().sort_index()
    by_year = ", ".join(f"{year} ({count})" for year, count in counts.items())
    late = _listed([(name, [year for year in years if year > LAST_BATCH]) for name, years in changing])
    listed = _listed(changing)
    total, most = len(variation.entities), int(variation.entities["levels"].max())
    text = Text(
        en=f"Exposure changes in {len(changing)} of {total} provinces, at most {most} levels each; provinces by year "
        f"of change: {by_year}. Share of the within variance due to changes after {LAST_BATCH}: {decimal(share)}; "
        f"changes after {LAST_BATCH}: {late.en or 'none'}. Years by province: {listed.en}.",
        zh=f"{total}个省份中{len(changing)}个的暴露度有变化，每省至多{most}个水平；各年变化的省份数：{by_year}。"
        f"{LAST_BATCH}年后的变化占双向组内方差的份额：{decimal(share)}；{LAST_BATCH}年后的变化：{late.zh or '无'}。"
        f"各省变化年份：{listed.zh}。",
    )
    return Observation(text, abs(share) < _SMALL)


def raw_count_ratio(inputs: FindingInputs) -> Observation:
    """F-M11. Holds when pilot entries divided by units exceed 1 in some province and year, so that a literal count
    cannot be the printed share; not testable without the exposures of numerator `entries`. Raises ComparisonError for
    two rows of one province and year.
    """
    rows = inputs.entries
    if rows is not None:
        rows = rows[rows["year"].between(*inputs.study.years) & rows["exposure"].notna()]
        twice = inputs.panel.list_rows(rows[rows.duplicated(KEYS)].head(1))
        refuse((twice, f"the exposures of numerator entries have two rows of {twice}"), error=ComparisonError)
    if rows is None or rows.empty:
        return Observation(
            Text(
                en="Not computed: exposures of numerator entries are not given.",
                zh="未计算：未提供分子为entries的暴露度。",
            ),
            None,
        )
    row = rows.sort_values(["exposure", *KEYS], ascending=[False, True, True]).iloc[0]
    above, where = rows[rows["exposure"] > 1 + _EXACT], inputs.panel.called([row[ENTITY]])
    ratio = f"{int(row['pilot_units'])}/{int(row['total_units'])} = {decimal(float(row['exposure']), 3)}"
    year, provinces = int(row["year"]), above[ENTITY].nunique()
    text = Text(
        en=f"Largest ratio {ratio} ({where.en} {year}); above 1 in {len(above)} province-years of {provinces} "
        "provinces.",
        zh=f"最大比值{ratio}（{where.zh} {year}）；{provinces}个省份共{len(above)}个省年大于1。",
    )
    return Observation(text, len(above) > 0)


def _listed(changes: list[tuple[Text, list[int]]]) -> Text:
    said = [(name, ", ".join(map(str, years))) for name, years in changes if years]
    return Text(
        en="; ".join(f"{name.en} {years}" for name, years in said),
        zh="；".join(f"{name.zh} {years}" for name, years in said),
    )
