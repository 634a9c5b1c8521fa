"""The sample's tables of cities, as bytes: a compiled yearbook panel and an older edition of it.

Belongs here: their layout and the marks such tables carry. Does not belong here: the figures (city_panel.py).
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from catalog import load_registry
from medpanel.office.table_files import csv_bytes
from medpanel.sample.city_panel import DECIMALS, OLDER_YEARS, YEARS
from medpanel.sample.city_places import sample_cities
from medpanel.sample.csv_files import NOTE
from medpanel.sample.randomness import random_stream, shuffled

PANEL_FILE = f"synthetic_城市统计_{YEARS[0]}-{YEARS[-1]}.csv"
OLDER_FILE = f"synthetic_城市统计_旧版_{OLDER_YEARS[0]}-{OLDER_YEARS[-1]}.csv"
KEYS = ("年份", "省份", "城市", "代码")
_Place = tuple[int, str]  # row, indicator


def city_files(seed: int, now: pd.DataFrame, older: pd.DataFrame) -> tuple[dict[str, bytes], list[dict[str, Any]]]:
    """Name and content of the files, and the blemishes of the newer edition with their cells."""
    printed = _printed(now)
    places = []
    for (row, name), (kind, text) in _blemishes(seed, printed).items():
        places.append(
            {
                "kind": kind,
                "file": PANEL_FILE,
                "cell": f"{chr(ord('A') + len(KEYS) + list(DECIMALS).index(name))}{row + 2}",
                "indicator": name,
                "city_code": int(now.at[row, "city_code"]),
                "year": int(now.at[row, "year"]),
                "text": text,
                "true_value": float(printed.at[row, name]),
            }
        )
        printed.at[row, name] = text
    files = {
        # As a statistical office would save it, and as a researcher would.
        PANEL_FILE: _table(seed, printed, "gb2312", "\r\n"),
        OLDER_FILE: _table(seed, _printed(older), "utf-8-sig", "\n"),
    }
    return files, places


def _printed(figures: pd.DataFrame) -> pd.DataFrame:
    """The figures as texts, beside their keys."""
    names = [name for name in DECIMALS if name in figures]
    return figures.assign(**{name: figures[name].map(f"{{:.{DECIMALS[name]}f}}".format) for name in names})


def _blemishes(seed: int, printed: pd.DataFrame) -> dict[_Place, tuple[str, str]]:
    """(kind, text of the cell) by place: one of each kind, in different cells."""
    texts = {(row, name): printed.at[row, name] for row in printed.index for name in DECIMALS}
    order = iter(shuffled(random_stream(seed, "city_blemishes"), list(texts)))
    # Only a figure nothing is computed from may be missing; nobody fills it.
    missing = next(place for place in order if place[1] == "registered_population")
    footnote, full_width_space = next(order), next(order)
    separated = next(place for place in order if float(texts[place]) >= 1000)
    return {
        missing: ("missing", "-"),
        footnote: ("footnote", f"{texts[footnote]}①"),
        full_width_space: ("full_width_space", f"\u3000{texts[full_width_space]}"),
        separated: ("thousands_separator", f"{float(texts[separated]):,.2f}"),
    }


def _table(seed: int, printed: pd.DataFrame, encoding: str, newline: str) -> bytes:
    cities = {city.code: city for city in sample_cities()}
    indicators = [load_registry().indicators[name] for name in printed.columns[2:]]
    rows: list[list[object]] = [[*KEYS, *(f"{indicator.label.zh}({indicator.unit})" for indicator in indicators)]]
    for code, year, *texts in printed.itertuples(index=False):
        rows.append([year, cities[code].province_name, cities[code].name, code, *texts])
    rows.append([NOTE.format(seed=seed), *[""] * (len(rows[0]) - 1)])
    return csv_bytes(rows, encoding, newline=newline)
