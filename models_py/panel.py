"""The balanced province panel an index needs, and what to say when the data do not give one.

Belongs here: completeness over provinces and years, carrying at the edges where a study allows it.
Does not belong here: interpolation of gaps inside the window; that happens in SQL, where it is flagged.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from catalog import load_provinces, load_registry

KEYS = ["province_code", "year"]
FILLED_COLUMNS = ["province_code", "year", "indicator", "value", "carried_from"]
_SHOWN = 5


class PanelError(ValueError):
    """The panel is not what a study needs; the message names indicator, province and year."""


def province_label(code: int) -> str:
    """Chinese and English name with the code, for messages; the bare code when it is not one of the 31."""
    for province in load_provinces():
        if province.province_code == code:
            return f"{province.name_zh} {province.name_en} ({code})"
    return str(code)


def indicator_label(indicator: str) -> str:
    """The id followed by the registry's two labels; the bare id when it is not registered."""
    entry = load_registry().indicators.get(indicator)
    return indicator if entry is None else f"{indicator} ({entry.label.zh}, {entry.label.en})"


def full_grid(province_year: pd.DataFrame, indicators: Sequence[str], years: tuple[int, int]) -> pd.DataFrame:
    """All 31 provinces x all years of the window, one column per indicator, NaN where there is no figure.

    `province_year` has province_code, year and the indicators as columns; rows outside the window are left
    out. Raises PanelError for a column that is absent or not numeric, a code that is no province and a row
    that stands twice.
    """
    indicators = list(dict.fromkeys(indicators))
    absent = [name for name in [*KEYS, *indicators] if name not in province_year.columns]
    if absent:
        raise PanelError(f"province_year lacks the columns {', '.join(map(indicator_label, absent))}")
    text = [name for name in indicators if not pd.api.types.is_numeric_dtype(province_year[name])]
    if text:
        raise PanelError(f"not numeric: {', '.join(map(indicator_label, text))}")
    first, last = years
    rows = province_year.loc[province_year["year"].between(first, last), KEYS + indicators]
    codes = [province.province_code for province in load_provinces()]
    unknown = sorted(set(rows["province_code"]) - set(codes))
    if unknown:
        raise PanelError(f"codes that are none of the 31 provinces: {', '.join(map(str, unknown))}")
    twice = rows[rows.duplicated(KEYS)]
    if len(twice):
        raise PanelError(f"rows that stand twice: {list_rows(twice)}")
    grid = pd.MultiIndex.from_product([codes, range(first, last + 1)], names=KEYS)
    wide = rows.set_index(KEYS)[indicators].astype("float64").reindex(grid)
    return wide.reset_index()


def balanced_panel(
    province_year: pd.DataFrame,
    indicators: Sequence[str],
    years: tuple[int, int],
    *,
    allow_edge_fill: bool = False,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """31 provinces x all years without a gap, and the cells that were carried to get there.

    Returns the panel (province_code, year, the indicators; sorted by province and year) and the carried cells
    (province_code, year, indicator, value, carried_from), empty unless `allow_edge_fill`. With it, a gap in
    the first or last years of a province takes the value of that province's nearest year; a gap between two
    figures, or a province without any figure, is an error all the same (domain section 2.1).

    Raises PanelError naming indicator, province and year of the first empty cells, and the years an indicator
    is missing for every province.
    """
    panel = full_grid(province_year, indicators, years)
    names = [name for name in panel.columns if name not in KEYS]
    infinite = {name: panel.loc[np.isinf(panel[name]), KEYS] for name in names}
    for name, rows in infinite.items():
        if len(rows):
            raise PanelError(f"{indicator_label(name)} is infinite: {list_rows(rows)}")
    filled = _carry_edges(panel, names) if allow_edge_fill else pd.DataFrame(columns=FILLED_COLUMNS)
    problems = [text for name in names for text in _gaps(panel, name)]
    if problems:
        hint = "" if allow_edge_fill else "; gaps in the first or last years can be carried: allow_edge_fill"
        raise PanelError(
            f"a balanced panel of 31 provinces, {years[0]}-{years[1]}, is required: " + "; ".join(problems) + hint
        )
    return panel, filled


def _carry_edges(panel: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Fill edge gaps of `panel` in place; returns the cells filled."""
    cells: list[dict[str, object]] = []
    for code in panel["province_code"].unique().tolist():
        rows = panel.index[panel["province_code"] == code]
        years = panel.loc[rows, "year"].to_numpy()
        for name in names:
            values = panel.loc[rows, name].to_numpy(copy=True)
            known = np.flatnonzero(~np.isnan(values))
            if known.size == 0:
                continue
            for position in range(len(values)):
                source = min(max(position, known[0]), known[-1])
                if source != position:
                    values[position] = values[source]
                    cells.append(
                        {
                            "province_code": code,
                            "year": int(years[position]),
                            "indicator": name,
                            "value": float(values[position]),
                            "carried_from": int(years[source]),
                        }
                    )
            panel.loc[rows, name] = values
    return pd.DataFrame(cells, columns=FILLED_COLUMNS)


def _gaps(panel: pd.DataFrame, name: str) -> list[str]:
    empty = panel[panel[name].isna()]
    if empty.empty:
        return []
    per_year = empty["year"].value_counts().sort_index()
    whole = per_year.index[per_year == panel["province_code"].nunique()].tolist()
    rest = empty[~empty["year"].isin(whole)]
    parts = []
    if whole:
        parts.append(f"{indicator_label(name)}: no province has a value in {', '.join(map(str, whole))}")
    if len(rest):
        parts.append(f"{indicator_label(name)}: {len(rest)} empty cells: {list_rows(rest)}")
    return parts


def list_rows(rows: pd.DataFrame) -> str:
    """The first provinces and years of `rows` for a message, and how many more there are."""
    first = rows.head(_SHOWN)
    text = ", ".join(
        f"{province_label(int(code))} {int(year)}"
        for code, year in zip(first["province_code"], first["year"], strict=True)
    )
    more = len(rows) - len(first)
    return f"{text} and {more} more" if more > 0 else text
