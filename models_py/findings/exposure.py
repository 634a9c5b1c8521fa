"""F-M10 and F-M11: where the exposure varies, and whether a raw count of pilots can be a share.

Belongs here: these two, from rows of smart_exposure. Does not belong here: making the exposure (dbt/).
"""

from __future__ import annotations

import pandas as pd

from catalog.base import Text
from models_py.findings.inputs import NO_EXPOSURE, Finding, FindingInputs, both, decimal, verdict
from models_py.panel import province_label

# The last of three announcements is of 7 April 2015 (domain section 3.1).
LAST_YEAR = 2015
ANNOUNCEMENTS = "29 January 2013, 5 August 2013, 7 April 2015"
ANNOUNCEMENTS_ZH = "2013年1月29日、2013年8月5日、2015年4月7日"
# Jiangsu after the second batch, of 5 August 2013: entries, and prefecture-level cities (domain section 3.2, F-M11).
_ENTRIES, _CITIES = 16, 13
_SMALL = 0.01
_EXACT = 1e-12
_SHOWN = 5


def exposure_levels(exposure: pd.DataFrame) -> pd.DataFrame:
    """One row per province: `levels`, how many different exposures it has; `changes`, the years (tuple) in which it
    differs from the year before; `late`, its sum of squares about its own mean over the years after 2015; `within`,
    the same over all years. `exposure`: province_code, year, exposure (share), one row each; rows by province.
    """
    rows = []
    for code, part in exposure.sort_values(["province_code", "year"]).groupby("province_code"):
        values, years = part["exposure"].to_numpy(dtype="float64"), part["year"].to_numpy()
        moved = abs(values[1:] - values[:-1]) > _EXACT
        late = values[years > LAST_YEAR]
        rows.append(
            {
                "province_code": int(str(code)),
                "levels": len(set(values.round(12))),
                "changes": tuple(int(year) for year in years[1:][moved]),
                "late": float(((late - late.mean()) ** 2).sum()) if late.size else 0.0,
                "within": float(((values - values.mean()) ** 2).sum()),
            }
        )
    return pd.DataFrame(rows, columns=["province_code", "levels", "changes", "late", "within"])


def where_exposure_varies(inputs: FindingInputs) -> Finding:
    """F-M10. Holds when less than 1 % of the exposure's variance within provinces arises after 2015 (the sum of squares
    about each province's mean over these years, over that about its mean of all years): two-way fixed effects then
    compare 2013-2015 with later years, whatever the length of the panel. Denominators that move leave a little. Not
    testable without an exposure, or when no province's exposure changes.
    """
    title = Text(en="Years in which the exposure varies", zh="暴露度发生变化的年份")
    published = implied = None
    if inputs.printed.figures:
        published = both(f"three announcements: {ANNOUNCEMENTS}", f"三批公布：{ANNOUNCEMENTS_ZH}")
        implied = both(
            "at most three levels per province, none new after 2015: 2013-2015 against later",
            "每省至多三个水平，2015年后无新变化：实为2013—2015年与其后之比较",
        )
    rows = _window(inputs, inputs.exposure)
    if inputs.study.exposure is None or rows is None or rows.empty:
        return inputs.finding("F-M10", title, published, implied, NO_EXPOSURE, verdict(None))
    levels = exposure_levels(rows)
    within = float(levels["within"].sum())
    if within <= _EXACT:
        text = Text(en="No province's exposure changes over the window.", zh="样本期内各省暴露度均无变化。")
        return inputs.finding("F-M10", title, published, implied, text, verdict(None))
    share = float(levels["late"].sum()) / within
    changing = levels[levels["changes"].map(len) > 0]
    years = pd.Series([year for changes in changing["changes"] for year in changes]).value_counts().sort_index()
    counts = ", ".join(f"{year} ({count})" for year, count in years.items())
    late = [
        f"{province_label(code)} {', '.join(str(year) for year in changes if year > LAST_YEAR)}"
        for code, changes in zip(changing["province_code"], changing["changes"], strict=True)
        if max(changes) > LAST_YEAR
    ]
    per_province = "; ".join(
        f"{province_label(code)} {', '.join(map(str, changes))}"
        for code, changes in zip(changing["province_code"], changing["changes"], strict=True)
    )
    observed = Text(
        en=f"Exposure changes in {len(changing)} of {len(levels)} provinces; provinces per year: {counts}. At most "
        f"{int(levels['levels'].max())} levels per province. Share of within-province variance after {LAST_YEAR}: "
        f"{decimal(share)}. After {LAST_YEAR}: {_shown(late) or 'no change'}. Years by province: {per_province}.",
        zh=f"{len(levels)}个省份中{len(changing)}个的暴露度有变化；各年变化省份数：{counts}。每省至多"
        f"{int(levels['levels'].max())}个水平。{LAST_YEAR}年后占省内方差的比例：{decimal(share)}。"
        f"{LAST_YEAR}年后变化：{_shown(late) or '无'}。各省变化年份：{per_province}。",
    )
    return inputs.finding("F-M10", title, published, implied, observed, verdict(share < _SMALL))


def raw_count_ratio(inputs: FindingInputs) -> Finding:
    """F-M11. Holds when pilot entries divided by units exceed 1 in some province and year, so that a literal count
    cannot be the printed share. Not testable without the exposures of numerator `entries`.
    """
    title = Text(en="Pilots counted one by one, per unit", zh="试点逐个计数与单位数之比")
    published = implied = None
    largest = inputs.printed.get("Table 1", "max", "smart_city_exposure")
    if largest is not None:
        published = both(f"maximum {largest}", f"最大值{largest}")
        ratio = f"{_ENTRIES}/{_CITIES} = {_ENTRIES / _CITIES:.2f}"
        implied = both(
            f"a literal count gives {ratio} in Jiangsu in 2013: covered cities are counted, or the count is capped",
            f"按字面计数江苏2013年为{ratio}：分子应为覆盖城市数，或有上限",
        )
    rows = _window(inputs, inputs.entries)
    if rows is None or rows.empty:
        text = Text(
            en="Not computed: exposures of numerator `entries` are not given.", zh="未计算：未提供分子为entries的暴露度。"
        )
        return inputs.finding("F-M11", title, published, implied, text, verdict(None))
    row = rows.sort_values(["exposure", "province_code", "year"], ascending=[False, True, True]).iloc[0]
    above = rows[rows["exposure"] > 1 + _EXACT]
    where = f"{province_label(int(row['province_code']))} {int(row['year'])}"
    sums = f"{decimal(float(row['exposure']), 3)} = {int(row['pilot_units'])}/{int(row['total_units'])}"
    provinces = above["province_code"].nunique()
    observed = Text(
        en=f"Largest ratio {sums} ({where}); above 1 in {len(above)} province-years of {provinces} provinces.",
        zh=f"最大比值{sums}（{where}）；{provinces}个省份共{len(above)}个省年大于1。",
    )
    return inputs.finding("F-M11", title, published, implied, observed, verdict(len(above) > 0))


def _window(inputs: FindingInputs, rows: pd.DataFrame | None) -> pd.DataFrame | None:
    """Rows of the study's years with an exposure; lags may have brought earlier ones."""
    if rows is None:
        return None
    return rows[rows["year"].between(*inputs.study.years) & rows["exposure"].notna()]


def _shown(texts: list[str]) -> str:
    return "; ".join(texts[:_SHOWN]) + (f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else "")
