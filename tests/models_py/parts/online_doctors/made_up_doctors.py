"""A made-up list of doctors in five cities, and the figures beside it; every number is small enough to add by hand.

Nothing here is a statistic. Provinces without a mention have 1,000 (万人) people, 10,000 physicians and no doctor.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from catalog import Study
from catalog.provinces import load_provinces
from models_py.panel import province_panel
from models_py.parts.registry import compute, parts_of

CODES = [province.province_code for province in load_provinces()]
PANEL = province_panel((2014, 2023))
HIGH, LOW = ("主任医师", "三级甲等"), ("主治医师", "二级")
# 仙桃 lies directly under its province and has no population here, 胡杨河 no coordinates.
DOCTORS = {
    (110000, 110000): {HIGH: 60, LOW: 20},
    (440000, 440300): {("副主任医师", "三级甲等"): 30, ("unknown", "三级甲等"): 10},
    (440000, 440100): {HIGH: 10, ("主任医师", "三级"): 10},
    (420000, 429004): {LOW: 40},
    (650000, 659010): {("医师", "unknown"): 20},
}
SEATS = {440300: (114.06, 22.54), 440100: (113.26, 23.13), 429004: (113.42, 30.38), 659010: (np.nan, np.nan)}
PEOPLE = {440300: 800.0, 440100: 1200.0, 445200: 500.0, 659010: 10.0}


def study(**options: Any) -> Study:
    """An inequality study of this part alone."""
    return Study.model_validate(
        {
            "id": "inequality",
            "title": {"en": "Doctors", "zh": "医生"},
            "panel": {"unit": "province", "years": [2014, 2023]},
            "parts": [{"online_doctors": options}],
        }
    )


def inputs(year: int = 2023) -> dict[str, pd.DataFrame]:
    """What the part is given."""
    listed = [
        {
            "year": year,
            "entity_code": place[0],
            "city_code": place[1],
            "title": kind[0],
            "hospital_grade": kind[1],
            "doctors": n,
        }
        for place, kinds in DOCTORS.items()
        for kind, n in kinds.items()
    ]
    figures = pd.DataFrame(
        [
            {"entity_code": code, "year": when, "resident_population": 1000.0, "physicians": 10_000.0}
            for code in CODES
            for when in (2022, 2023)
        ]
    )
    figures.loc[figures["entity_code"] == 110000, "resident_population"] = 2000.0
    figures.loc[figures["entity_code"] == 110000, "physicians"] = 50_000.0
    seats = {**SEATS, 445200: (116.37, 23.55)}
    city = pd.DataFrame(
        [
            {
                "city_code": code,
                "entity_code": code // 10000 * 10000,
                "name_zh": f"市{code}",
                "name_en": f"City{code}",
                "lon": lon,
                "lat": lat,
            }
            for code, (lon, lat) in seats.items()
        ]
    )
    city_year = pd.DataFrame(
        [{"city_code": code, "year": 2023, "resident_population": n} for code, n in PEOPLE.items()]
    )
    return {"figures": figures, "doctor_count": pd.DataFrame(listed), "city": city, "city_year": city_year}


def made(frames: dict[str, pd.DataFrame] | None = None, **options: Any) -> dict[str, pd.DataFrame]:
    """The part's tables."""
    own = study(**options)
    [one] = parts_of(own)
    return compute(one, own, PANEL, inputs() if frames is None else frames, "synthetic")
