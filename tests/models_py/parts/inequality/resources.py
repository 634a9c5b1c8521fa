"""Made-up resources of provinces and of five cities, and what the part makes of them; no figure is a statistic."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from catalog import Study, load_studies
from catalog.parts.inequality import Options
from models_py.panel import KEYS, Panel, panel_of, province_panel
from models_py.parts.inequality.measured import inequality_tables
from tests.models_py.changing import only_parts, with_panel, with_part
from tests.models_py.parts.made_up import CODES

YEARS = (2014, 2016)
PANEL = province_panel(YEARS)
Frames = dict[str, pd.DataFrame]


def study(**options: Any) -> Study:
    """The study's own part alone, over three years, with few draws."""
    full = only_parts(load_studies()["inequality"], Options)
    asked = {"resources": ("beds", "physicians"), "maps": ("beds",), "draws": 99, **options}
    return with_part(with_panel(full, years=YEARS), Options, **asked)


def options(**changed: Any) -> Options:
    """The options of `study`."""
    return study(**changed).options(Options)


def figures(codes: list[int] | None = None, years: tuple[int, int] = YEARS) -> pd.DataFrame:
    """Amounts that drift from year to year; people in 万人, land in km2, as the registry keeps them."""
    rng, codes = np.random.default_rng(21), codes or CODES
    frame = pd.DataFrame(itertools.product(codes, range(years[0], years[1] + 1)), columns=KEYS)
    n, t = years[1] - years[0] + 1, frame["year"] - years[0]
    people, land, level = (np.repeat(rng.lognormal(mean, 0.6, len(codes)), n) for mean in (8, 11, 0))
    frame["resident_population"] = people * (1 + 0.01 * t)
    frame["land_area"] = land
    frame["gdp_per_capita"] = 50_000 * np.exp(0.3 * level + 0.05 * t)
    for name, per_1000, spread in (("beds", 5, 0.1), ("physicians", 2, 0.2)):
        drift = np.exp(spread * level + rng.normal(0, 0.05, len(frame)))
        frame[name] = np.round(people * 10 * per_1000 * drift * 1.04**t)
    return frame


def made(data: pd.DataFrame | None = None, panel: Panel = PANEL, **changed: Any) -> Frames:
    """The part's tables."""
    data = figures() if data is None else data
    return dict(inequality_tables(data, options(**changed), panel, "inequality"))


@cache
def good() -> Frames:
    """The tables of complete figures; to be copied before they are changed."""
    return made()


CITIES = pd.DataFrame(
    {
        "entity_code": [330100, 330200, 330300, 420100, 420200],
        "name_zh": [f"合成市{i}" for i in range(5)],
        "name_en": [f"Synthetic {i}" for i in range(5)],
    }
)
CITY_PANEL = panel_of("city", CITIES, (2015, 2016))
