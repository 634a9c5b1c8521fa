"""The table of peaks: first, middle and last year of the nation and each region.

Belongs here: its rows. Does not belong here: drawing (figure_ridges.py).
"""

import pandas as pd

from catalog.base import Text
from models_py.figures.table import NOTHING, ReportTable, Row, number
from models_py.parts.density.texts import NAMES, settings_note, small_note
from models_py.parts.density.titles import PEAKS, PEAKS_TITLE


def peaks_table(summary: pd.DataFrame, names: dict[str, Text], synthetic: bool) -> ReportTable:
    """A row for each variable, region and of first, middle and last year. `summary`: rows of density_summary."""
    years = sorted(int(year) for year in summary["year"].unique())
    shown = list(dict.fromkeys([years[0], years[len(years) // 2], years[-1]]))
    body, block = [], 0
    for variable, of_variable in summary.groupby("variable", sort=False):
        for region, rows in of_variable.groupby("region", sort=False):
            name, place = names[str(variable)], NAMES[str(region)]
            label = Text(en=f"{name.en}, {place.en}", zh=f"{name.zh}，{place.zh}")
            body += [Row(label, _cells(row), block) for row in rows.to_dict("records") if row["year"] in shown]
            block += 1
    header = (
        Text(zh="年份", en="Year"),
        Text(zh="样本数", en="n"),
        Text(zh="带宽", en="Bandwidth"),
        Text(zh="峰高", en="Peak"),
        Text(zh="峰位", en="at"),
        Text(zh="峰数", en="Modes"),
        Text(zh="面积", en="Area"),
    )
    notes = (settings_note(summary), small_note(summary))
    return ReportTable(PEAKS, PEAKS_TITLE, (header,), tuple(body), notes, synthetic)


def _cells(row: dict) -> tuple[str, ...]:
    numbers = [number(row[name], decimals) for name, decimals in (("bandwidth", 4), ("peak_height", 2), ("peak_at", 3))]
    modes = NOTHING if pd.isna(row["modes"]) else str(int(row["modes"]))
    return (str(int(row["year"])), str(int(row["n"])), *numbers, modes, number(row["area"]))
