"""A year with another year's divisions is a warning that names both years and the remedy."""

from __future__ import annotations

import pandas as pd

import expectations.division_count as suite
from expectations.finder import TableSuite

SUITE = TableSuite(suite.TABLE, suite)


def counts(carried_from: int | None) -> pd.DataFrame:
    rows = [(110000, 2023, 0, 0, 16, None), (110000, 2024, 0, 0, 16, carried_from)]
    columns = ["province_code", "year", "prefecture_units", "prefecture_cities", "county_units", "carried_from"]
    return pd.DataFrame(rows, columns=columns).astype({"carried_from": "Int32"})


def test_known_years_pass() -> None:
    assert SUITE.run(counts(None))["passed"].all()


def test_a_carried_year_warns() -> None:
    [outcome] = SUITE.run(counts(2023)).to_dict("records")
    assert not outcome["passed"] and outcome["severity"] == "warning"
    assert "carried_from = 2023 at province_code 110000, year 2024" in outcome["observed"]
    assert all("divisions" in outcome[name] for name in ("description", "description_zh"))
