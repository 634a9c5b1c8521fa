"""The sample's tables of cities, as bytes: a compiled yearbook panel and an older edition of it.

Belongs here: their layout and the marks such tables carry. Does not belong here: the figures (city_panel.py).
"""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pandas as pd

from catalog import load_registry
from medpanel.sample.city_panel import DECIMALS, OLDER_YEARS, YEARS
from medpanel.sample.city_places import sample_cities

PANEL_FILE = f"synthetic_城市统计_{YEARS[0]}-{YEARS[-1]}.csv"
OLDER_FILE = f"synthetic_城市统计_旧版_{OLDER_YEARS[0]}-{OLDER_YEARS[-1]}.csv"
KEYS = ("年份", "省份", "城市", "代码")
_NOTE = "注：合成数据 synthetic data，由 medpanel 生成，种子 {seed}，不得当作统计数据"
Place = tuple[str, int, int]  # indicator, city_code, year


def city_entries(who: str) -> str:
    """The entries of sources.yaml for the files; `who` is what every entry says of its origin."""
    return f"""\
  # 吉林 is a city and a province, so the column of provinces is declared.
  - match: {OLDER_FILE}
    layout: long_panel
    entity_column: 城市
    code_column: 代码
    year_column: 年份
    panel: {{entity_level: city, province_column: 省份}}
    vintage: synthetic_city_old
{who}
  - match: {PANEL_FILE}
    layout: long_panel
    entity_column: 城市
    code_column: 代码
    year_column: 年份
    panel: {{entity_level: city, province_column: 省份}}
    vintage: synthetic_city
{who}
"""


def city_files(seed: int, now: pd.DataFrame, older: pd.DataFrame) -> tuple[dict[str, bytes], list[dict[str, Any]]]:
    """Name and content of the files, and the blemishes of the newer edition with their cells."""
    texts = {(name, int(r["city_code"]), int(r["year"])): _printed(name, r[name])
             for r in now.to_dict("records") for name in DECIMALS}  # fmt: skip
    blemishes = _blemishes(seed, texts)
    columns = list(DECIMALS)
    places = [
        {
            "kind": kind,
            "file": PANEL_FILE,
            "cell": _cell(now, columns, place),
            "indicator": place[0],
            "city_code": place[1],
            "year": place[2],
            "text": text,
            "true_value": float(texts[place]),
        }
        for place, (kind, text) in blemishes.items()
    ]
    printed = {**texts, **{place: text for place, (_, text) in blemishes.items()}}
    files = {
        # As a statistical office would save it, and as a researcher would.
        PANEL_FILE: _table(seed, now, columns, printed, "\r\n").encode("gb2312"),
        OLDER_FILE: _table(seed, older, list(older.columns[2:]), {}, "\n").encode("utf-8-sig"),
    }
    return files, places


def _printed(name: str, value: float) -> str:
    return f"{value:.{DECIMALS[name]}f}"


def _blemishes(seed: int, texts: dict[Place, str]) -> dict[Place, tuple[str, str]]:
    """(kind, text of the cell) by place: one of each kind, in different cells."""
    rng = np.random.default_rng([seed, 7])
    places = list(texts)
    order = iter([places[i] for i in rng.permutation(len(places))])
    # Only a figure nothing is computed from may be missing; nobody fills it.
    place = next(place for place in order if place[0] == "registered_population")
    chosen = {place: ("missing", "-")}
    place = next(order)
    chosen[place] = ("footnote", f"{texts[place]}①")
    place = next(order)
    chosen[place] = ("full_width_space", f"\u3000{texts[place]}")
    place = next(place for place in order if float(texts[place]) >= 1000)
    chosen[place] = ("thousands_separator", f"{float(texts[place]):,.2f}")
    return chosen


def _cell(frame: pd.DataFrame, columns: list[str], place: Place) -> str:
    name, city, year = place
    [row] = np.flatnonzero((frame["city_code"] == city) & (frame["year"] == year))
    return f"{chr(ord('A') + len(KEYS) + columns.index(name))}{row + 2}"


def _table(seed: int, frame: pd.DataFrame, columns: list[str], printed: dict[Place, str], newline: str) -> str:
    cities = {city.code: city for city in sample_cities()}
    indicators = load_registry().indicators
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator=newline)
    writer.writerow([*KEYS, *(f"{indicators[name].label.zh}({indicators[name].unit})" for name in columns)])
    for record in frame.to_dict("records"):
        city, year = cities[int(record["city_code"])], int(record["year"])
        cells = [printed.get((name, city.code, year), _printed(name, record[name])) for name in columns]
        writer.writerow([year, city.province_name, city.name, city.code, *cells])
    writer.writerow([_NOTE.format(seed=seed), *[""] * (len(KEYS) + len(columns) - 1)])
    return stream.getvalue()
