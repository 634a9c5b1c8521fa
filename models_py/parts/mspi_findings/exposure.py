"""F-M10 and F-M11: where the exposure varies, and whether a raw count of pilots can be a share.

Belongs here: these two, from rows of smart_exposure. Does not belong here: making the exposure (dbt/).
"""

import pandas as pd

from catalog.base import Text
from models_py.panel import ENTITY, KEYS
from models_py.parts.comparison.printed import ComparisonError
from models_py.parts.diagnostics.exposure_variation import LAST_BATCH, exposure_variation
from models_py.parts.mspi_findings.inputs import INDEX, NO_EXPOSURE, FindingInputs, Observation, decimal

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
    variation = exposure_variation(inputs.exposure, inputs.data(inputs.readings[0], INDEX))
    share = float(variation.spec_test.set_index("test")["statistic"]["exposure_within_variance_late"])
    changing = [
        (inputs.panel.label(int(code)), [int(year) for year in years.split(", ")])
        for code, years in zip(variation.entities[ENTITY], variation.entities["years_changed"], strict=True)
        if years
    ]
    if not changing or pd.isna(share):
        text = Text(en="No province's exposure changes over the window.", zh="样本期内各省暴露度均无变化。")
        return Observation(text, None)
    counts = pd.Series([year for _, years in changing for year in years]).value_counts().sort_index()
    by_year = ", ".join(f"{year} ({count})" for year, count in counts.items())
    late = _listed([(name, [year for year in years if year > LAST_BATCH]) for name, years in changing])
    total, most = len(variation.entities), int(variation.entities["levels"].max())
    text = Text(
        en=f"Exposure changes in {len(changing)} of {total} provinces, at most {most} levels each; provinces by year "
        f"of change: {by_year}. Share of the within variance due to changes after {LAST_BATCH}: {decimal(share)}; "
        f"changes after {LAST_BATCH}: {late or 'none'}. Years by province: {_listed(changing)}.",
        zh=f"{total}个省份中{len(changing)}个的暴露度有变化，每省至多{most}个水平；各年变化的省份数：{by_year}。"
        f"{LAST_BATCH}年后的变化占双向组内方差的份额：{decimal(share)}；{LAST_BATCH}年后的变化：{late or '无'}。"
        f"各省变化年份：{_listed(changing)}。",
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
        if twice:
            raise ComparisonError(f"the exposures of numerator entries have two rows of {twice}")
    if rows is None or rows.empty:
        text = Text(
            en="Not computed: exposures of numerator entries are not given.",
            zh="未计算：未提供分子为entries的暴露度。",
        )
        return Observation(text, None)
    row = rows.sort_values(["exposure", *KEYS], ascending=[False, True, True]).iloc[0]
    above, where = rows[rows["exposure"] > 1 + _EXACT], inputs.panel.list_rows(row.to_frame().T)
    ratio = f"{int(row['pilot_units'])}/{int(row['total_units'])} = {decimal(float(row['exposure']), 3)}"
    provinces = above[ENTITY].nunique()
    text = Text(
        en=f"Largest ratio {ratio} ({where}); above 1 in {len(above)} province-years of {provinces} provinces.",
        zh=f"最大比值{ratio}（{where}）；{provinces}个省份共{len(above)}个省年大于1。",
    )
    return Observation(text, len(above) > 0)


def _listed(changes: list[tuple[str, list[int]]]) -> str:
    return "; ".join(f"{name} {', '.join(map(str, years))}" for name, years in changes if years)
