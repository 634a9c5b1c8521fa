"""Confirmed figures in the wide tables: moved to the bound of their range, with what is made from them."""

import pandas as pd
import pytest

from catalog import load_registry
from expectations.confirmed import judged

REGISTRY = load_registry().indicators


def corrections(**keys: object) -> pd.DataFrame:
    row = {"entity_code": 110000, "year": 2014, "indicator": "gdp", "status": "confirmed", "state": "applied"}
    return pd.DataFrame([row | keys])


@pytest.fixture
def wide() -> pd.DataFrame:
    rows = [(code, year, 1e9, 1e9) for code in (110000, 120000) for year in (2013, 2014)]
    return pd.DataFrame(rows, columns=["province_code", "year", "gdp", "gdp_per_capita"])


def test_a_confirmed_figure_and_what_is_made_of_it_lie_in_range(wide: pd.DataFrame) -> None:
    made = judged(wide, "province_year", corrections())
    changed = (made["province_code"] == 110000) & (made["year"] == 2014)
    assert made.loc[changed, ["gdp", "gdp_per_capita"]].values.tolist() == [
        [REGISTRY["gdp"].range[1], REGISTRY["gdp_per_capita"].range[1]]
    ]
    assert made[~changed].equals(wide[~changed])


@pytest.mark.parametrize("keys", [{"status": "open"}, {"state": "stale"}, {"indicator": "land_area"}, {"year": 2020}])
def test_nothing_else_is_moved(wide: pd.DataFrame, keys: dict[str, object]) -> None:
    assert judged(wide, "province_year", corrections(**keys)).equals(wide)
    assert judged(wide, "observation", corrections()).equals(wide)


def test_cities_have_their_own_range() -> None:
    city = pd.DataFrame({"city_code": [542500], "year": [2014], "gdp": [0.1]})
    made = judged(city, "city_year", corrections(entity_code=542500))
    assert made["gdp"].tolist() == [(REGISTRY["gdp"].city_range or (0, 0))[0]]
