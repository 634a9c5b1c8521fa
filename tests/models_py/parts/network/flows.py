"""A made-up day of lists and a made-up survey: six cities and five counties, small enough to know every pair."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from catalog import Study, load_study
from models_py.panel import Panel, panel_of
from models_py.parts.registry import run_study

Frames = dict[str, pd.DataFrame]
CITIES = (110000, 120000, 130100, 310000, 320100, 330100)
COUNTIES = (330102, 330106, 330203, 330212, 330302)
STUDY = """id: moving
title: {en: Made-up flows (synthetic), zh: 虚构流动（合成数据）}
panel: {unit: city, years: [2020, 2021]}
parts:
  - network:
      networks:
        day:
          title: {en: The day, zh: 某日}
          having: [gdp]
          year: 2020
          official: {kinds: [地级市, 直辖市]}
        persons:
          title: {en: The survey, zh: 调查}
          threshold: any
          official: {kinds: [市辖区], province: 330000, year: 2017}
      thresholds: [positive_mean, any, global_mean, top_k=2, quantile=0.75, disparity=0.2]
  - centrality: {maps: [day, persons], flow_maps: [day, persons], facilities: [hospitals], classes: 3}
"""
# Flows of the day: lists of departures of at most three. 310000 has none; 120000's is not full; 999 has no figures.
_DAY = {
    (110000, 120000): 9.0, (110000, 130100): 6.0, (110000, 310000): 0.4,
    (120000, 110000): 8.0, (120000, 130100): 0.3,
    (130100, 110000): 7.0, (130100, 120000): 5.0, (130100, 330100): 4.5,
    (320100, 310000): 3.0, (320100, 330100): 2.0, (320100, 110000): 1.0,
    (330100, 310000): 6.0, (330100, 320100): 5.0, (330100, 110000): 0.2,
    (120000, 460200): 0.1,
}  # fmt: skip
_LISTS = {110000: (1, 0.4), 120000: (0, 0.1), 130100: (1, 4.5), 320100: (1, 1.0), 330100: (1, 0.2)}
# Respondents by pair; those shown are at least ten, as the reader would say.
SURVEY = {
    (330102, 330106): (23, True), (330106, 330102): (12, True), (330203, 330106): (14, True),
    (330212, 330106): (3, False), (330302, 330106): (4, False), (330302, 330203): (1, False),
    (330212, 330203): (7, False),
}  # fmt: skip


def study(folder: Path, text: str = STUDY) -> Study:
    """The study of a file with this text."""
    path = folder / "moving.yaml"
    path.write_text(text, encoding="utf-8")
    return load_study(path)


def inputs(small_cells: int = 10) -> Frames:
    """What Dagster would hand over."""
    pairs = [
        {"network": "day", "origin_code": i, "destination_code": j, "flow": flow, "unit": "index", "periods": 1,
         "censored": False}
        for (i, j), flow in _DAY.items()
    ] + [
        {"network": "persons", "origin_code": i, "destination_code": j, "flow": float(5 * round(n / 5)),
         "unit": "persons", "periods": 1, "censored": False}
        for (i, j), (n, shown) in SURVEY.items() if shown
    ]  # fmt: skip
    lists = [
        {
            "network": "day",
            "direction": "out",
            "entity_code": code,
            "lists": 1,
            "full_lists": full,
            "partners": 3,
            "smallest_flow": least,
        }
        for code, (full, least) in _LISTS.items()
    ]
    edges = [
        {"network": "persons", "origin_code": i, "destination_code": j, "persons": n, "flow": float(n), "shown": shown,
         "small_cells": small_cells}
        for (i, j), (n, shown) in SURVEY.items()
    ]  # fmt: skip
    codes = [*CITIES, *COUNTIES, 460200]
    rng = np.random.default_rng(3)
    city = pd.DataFrame(
        {
            "entity_code": codes,
            "name_zh": [f"地{code}" for code in codes],
            "name_en": [f"Place {code}" for code in codes],
            "lon": rng.uniform(110, 122, len(codes)),
            "lat": rng.uniform(22, 40, len(codes)),
        }
    )
    city.loc[city["entity_code"] == 320100, ["lon", "lat"]] = np.nan
    # A city founded after 2020, a county that is no district, a city without flows.
    city["kind"] = ["市辖区" if code % 100 else "直辖市" if code % 10000 == 0 else "地级市" for code in codes]
    city.loc[city["entity_code"] == 330302, "kind"] = "县级市"
    city["first_year"] = city["entity_code"].map({330100: 2021}).astype("Int64")
    city["last_year"] = pd.Series(pd.NA, index=city.index, dtype="Int64")
    city["province_code"] = city["entity_code"] // 10000 * 10000
    unseen = {"entity_code": 510100, "name_zh": "地510100", "name_en": "Place 510100", "kind": "地级市",
              "province_code": 510000}  # fmt: skip
    city = pd.concat([city, pd.DataFrame([unseen])], ignore_index=True).astype(city.dtypes)
    figures = pd.DataFrame({"entity_code": CITIES, "year": 2020, "gdp": 1000.0, "hospitals": np.arange(6) * 10.0})
    return {
        "city_pair": pd.DataFrame(pairs),
        "flow_list": pd.DataFrame(lists),
        "survey_edge": pd.DataFrame(edges),
        "city": city,
        "figures": figures,
    }


def panel() -> Panel:
    """Its cities."""
    given = inputs()["city"]
    return panel_of("city", given[given["entity_code"].isin(CITIES)], (2020, 2021))


def made(folder: Path, text: str = STUDY, given: Frames | None = None) -> Frames:
    """Every table of the study."""
    return run_study(study(folder, text), panel(), given or inputs(), "synthetic")
