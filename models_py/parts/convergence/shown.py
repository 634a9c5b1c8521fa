"""The table of beta convergence, and the spread over time as small panels.

Belongs here: rows and drawing. Does not belong here: words (texts.py), computing (measured.py).
"""

from typing import Any

import altair as alt
import pandas as pd

from catalog.base import Text, refuse
from models_py.figures.chart_page import HAIRLINE, LABEL, chart_page, inline
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import BLUE, FigureError, source_note
from models_py.figures.table import NOTHING, ReportTable, Row, number, p_number
from models_py.parts.convergence.texts import BANDS, FORM, NOT_SHOWN, beta_reading, sigma_reading
from models_py.parts.convergence.titles import BETA, BETA_TITLE
from models_py.parts.density.texts import NAMES
from models_py.parts.rows import together

# Pixels of a panel.
_WIDE, _HIGH, _GAP = 290, 150, 56
_BAND = "#B3D4E8"
MEASURES = {
    "cv": Text(en="Coefficient of variation", zh="变异系数"),
    "sd": Text(en="Standard deviation", zh="标准差"),
}
_YEAR = Text(en="Year", zh="年份")


def beta_table(beta: pd.DataFrame, names: dict[str, Text], synthetic: bool) -> ReportTable:
    """A row for each variable, form and region, with a reading. `beta`: rows of beta_convergence of one study."""
    body = []
    for block, ((variable, form), rows) in enumerate(beta.groupby(["variable", "form"], sort=False)):
        for row in rows.to_dict("records"):
            name, place, kind = names[str(variable)], NAMES[row["region"]], FORM[str(form)]
            label = Text(en=f"{name.en}, {kind.en}: {place.en}", zh=f"{name.zh}，{kind.zh}：{place.zh}")
            body.append(Row(label, _cells(row), block))
    header = (
        Text(zh="样本数", en="n"),
        Text(zh="斜率", en="Slope"),
        Text(zh="标准误", en="SE"),
        Text(zh="置信区间", en="Interval"),
        Text(zh="p值", en="p"),
        Text(zh="收敛速度", en="Speed a year"),
        Text(zh="R²", en="R²"),
        Text(zh="读法", en="Reading"),
    )
    one = beta.iloc[0]
    years = Text(
        en=f"Mean yearly growth of the logarithm, {one['first_year']}-{one['last_year']}, on its value in "
        f"{one['first_year']}; errors {str(one['method']).upper()}, intervals {one['ci_level']:.0%}.",
        zh=f"{one['first_year']}—{one['last_year']}年对数年均增长对{one['first_year']}年对数值的截面回归；标准误"
        f"{str(one['method']).upper()}，区间水平{one['ci_level']:.0%}。",
    )
    left = [Text(en=en, zh=zh) for en, zh in dict.fromkeys(zip(beta["note_en"], beta["note_zh"], strict=True)) if en]
    return ReportTable(
        BETA, BETA_TITLE, (header,), tuple(body), (years, *left, NOT_SHOWN), synthetic, text_columns=(7,)
    )


def sigma_figure(sigma: pd.DataFrame, name: Text, data_kind: str) -> Figure:
    """Coefficient of variation and standard deviation by year, a line of panels for the nation and each region.

    `sigma`: rows of sigma_convergence of one variable. Raises FigureError for no value.
    """
    rows = sigma.dropna(subset=["sd"]).reset_index(drop=True)
    refuse((rows.empty, f"no spread of {name.en}"), error=FigureError)
    regions = list(dict.fromkeys(rows["region"]))
    readings = [
        together(
            [Text(en=f"{NAMES[region].en}:", zh=f"{NAMES[region].zh}："), sigma_reading(rows[rows["region"] == region])]
        )
        for region in regions
    ]
    title = Text(en=f"Spread of {name.en} between places", zh=f"{name.zh}的地区差异")
    years = f"{int(rows['year'].min())}-{int(rows['year'].max())}"
    source = source_note(
        "sigma_convergence", Text(en=f"{len(regions)} groups, {years}", zh=f"{len(regions)}组，{years}年")
    )

    def chart_for(lang: Lang) -> alt.VConcatChart:
        lines = [
            alt.hconcat(*(_panel(rows, region, measure, lang) for measure in MEASURES), spacing=_GAP)
            for region in regions
        ]
        return chart_page(lines, lang, data_kind, width=2 * _WIDE + _GAP)

    return Figure(title, together(readings), (*readings, BANDS, source), rows, chart_for)


def _panel(rows: pd.DataFrame, region: str, measure: str, lang: Lang) -> Any:
    own = rows[rows["region"] == region]
    frame = own[["year", measure, f"{measure}_low", f"{measure}_high"]].set_axis(
        ["year", "value", "low", "high"], axis=1
    )
    # One scale for all regions, from zero: small differences look small.
    top = float(rows[[measure, f"{measure}_high"]].max().max()) * 1.05
    scale = alt.Scale(domain=[0, top], nice=False)
    base = alt.Chart(inline(frame.assign(low=frame["low"].clip(lower=0))))
    x = alt.X("year:O", title=None, axis=alt.Axis(labelAngle=-45, labelFontSize=9.5))
    y = alt.Y("value:Q", title=None, scale=scale, axis=alt.Axis(tickCount=4, grid=True, gridColor=HAIRLINE))
    tips = [
        alt.Tooltip("year:O", title=said(_YEAR, lang)),
        alt.Tooltip("value:Q", title=said(MEASURES[measure], lang), format=".4f"),
    ]
    low, high = int(own["n"].min()), int(own["n"].max())
    count = str(low) if low == high else f"{low}–{high}"
    text = f"{said(NAMES[region], lang)} (n = {count})  {said(MEASURES[measure], lang)}"
    return alt.layer(
        base.mark_area(color=_BAND).encode(x=x, y=alt.Y("low:Q", title=None, scale=scale), y2="high:Q"),
        base.mark_line(color=BLUE, strokeWidth=2).encode(x=x, y=y),
        base.mark_circle(color=BLUE, size=24, opacity=1).encode(x=x, y=y, tooltip=tips),
    ).properties(width=_WIDE, height=_HIGH, title=alt.TitleParams(text, fontSize=LABEL))


def _cells(row: dict[Any, Any]) -> tuple[str | Text, ...]:
    interval = NOTHING if pd.isna(row["ci_low"]) else f"[{number(row['ci_low'], 4)}, {number(row['ci_high'], 4)}]"
    return (
        str(int(row["n"])),
        number(row["estimate"], 4),
        number(row["std_error"], 4),
        interval,
        p_number(row["p_value"]),
        number(row["speed"], 4),
        number(row["r2"]),
        beta_reading(row),
    )
