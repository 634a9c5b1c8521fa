"""Exposure over time as a heat map of provinces by years.

Belongs here: its drawing. Does not belong here: the panel of cells (models_py/figures/heat.py), any statistic.
"""

import math

import altair as alt
import pandas as pd

from catalog.base import Text, refuse
from models_py.figures.chart_page import chart_page
from models_py.figures.heat import WIDTH, heat_panel
from models_py.figures.show import Figure, Lang, said
from models_py.figures.style import FigureError, source_note
from models_py.panel import Panel

MEASURE = Text(zh="暴露度（占比）", en="Exposure (share)")


def exposure_over_time(exposure: pd.DataFrame, panel: Panel, data_kind: str) -> Figure:
    """Exposure of every province in every year: where it varies, and where it does not.

    `exposure`: province_code, year, exposure (share). The title names the fewest years that hold 95 % of the squared
    changes on the year before. Raises FigureError for no row and rows that occur twice.
    """
    refuse(
        (exposure.empty, "no row of exposure"),
        (exposure.duplicated(["province_code", "year"]).any(), "a province has two rows for one year"),
        error=FigureError,
    )
    wide = exposure.pivot(index="province_code", columns="year", values="exposure").sort_index(axis=1)
    steps = wide.diff(axis=1).iloc[:, 1:]
    changes = steps.notna() & (steps.abs() > 1e-12)
    moving = int(changes.any(axis=1).sum())
    levels = int(wide.round(12).nunique(axis=1).max())
    main, share = _main_years(steps)
    counted = {int(str(year)): int(n) for year, n in changes.sum().items() if n}
    title = Text(zh="暴露度随时间的变化：无变化", en="Exposure over time: no change")
    if main:
        # Rounded down: what is not all of it does not print as 100 %.
        held = f"{math.floor(share * 1000) / 1000:.1%}"
        title = Text(
            zh=f"暴露度随时间的变化：{held}（按平方）发生在{'、'.join(map(str, main))}年",
            en=f"Exposure over time: {held} of squared changes fall in {', '.join(map(str, main))}",
        )
    notes = (
        Text(
            zh=f"{len(wide)}个省中{moving}个有变化，每省至多{levels}个不同取值；各年发生变化的省数："
            f"{'，'.join(f'{year}年{n}' for year, n in counted.items()) or '无'}。系数只能由这些变化识别。",
            en=f"{moving} of {len(wide)} provinces ever change, at most {levels} levels in one; provinces that change, "
            f"by year: {', '.join(f'{year}: {n}' for year, n in counted.items()) or 'none'}. Coefficients rest on "
            "these changes alone.",
        ),
        source_note("smart_exposure", Text(zh=f"{len(exposure)}个省年", en=f"{len(exposure)} province-years")),
    )
    wide = wide.reindex(index=panel.by_region)
    most = max(1.0, float(wide.to_numpy(dtype="float64").max(initial=0.0, where=wide.notna().to_numpy())))
    alternative = Text(
        zh=f"{len(wide)}个省逐年暴露度的热图。{title.zh}。",
        en=f"Heat map of exposure by province and year. {title.en}.",
    )

    def chart_for(lang: Lang) -> alt.VConcatChart:
        return chart_page(
            [heat_panel(wide, panel, lang, said(MEASURE, lang), low=0.0, high=most)], lang, data_kind, width=WIDTH
        )

    rows = exposure[["province_code", "year", "exposure"]].sort_values(["province_code", "year"], ignore_index=True)
    return Figure(title, alternative, notes, rows, chart_for)


def _main_years(steps: pd.DataFrame) -> tuple[list[int], float]:
    """The fewest years that hold 95 % of the sum of squared changes (provinces x years), and the share they hold."""
    squares = (steps**2).sum().sort_values(ascending=False, kind="stable")
    total = float(squares.sum())
    if not total > 0:
        return [], 0.0
    shares = squares.cumsum() / total
    last = int((shares < 0.95).sum())
    return sorted(int(year) for year in squares.index[: last + 1]), float(shares.iloc[last])
