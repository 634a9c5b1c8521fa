"""Every check of city_pair passes on good data and fails on data that breaks only its rule."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

import expectations.city_pair as suite
from expectations.finder import TableSuite
from expectations.suite import NOTHING

SUITE = TableSuite(suite.TABLE, suite)
CHECKS = {check.name: check for check in suite.checks()}
Break = Callable[[pd.DataFrame], pd.DataFrame]
PLACES = (110000, 120000, 130100, 140100, 150100)


@pytest.fixture(scope="module")
def good() -> pd.DataFrame:
    """A network of index points read from both lists, and one of shares of departures."""
    rows: list[tuple[object, ...]] = []
    for network, unit, direction in (("baidu", "index", "in+out"), ("shares", "percent", "out")):
        for origin in PLACES:
            for destination in PLACES:
                if origin != destination:
                    rows.append((network, origin, destination, 10.0 + len(rows) / 10, unit, direction))
    df = pd.DataFrame(rows, columns=["network", "origin_code", "destination_code", "flow", "unit", "direction"])
    both = df["direction"] == "in+out"
    return df.assign(
        distance_km=400.0, same_dialect=None, period_first="2020-01-15", period_last="2020-01-15", periods=1, rows=1,
        censored=False, reading_gap=pd.Series(0.01, df.index).where(both),
    )  # fmt: skip


def put(column: str, value: object, row: int = 3) -> Break:
    return lambda df: df.assign(**{column: df[column].astype(object).mask(df.index == row, value)})


def everywhere(column: str, value: object, network: str = "baidu") -> Break:
    return lambda df: df.assign(**{column: df[column].mask(df["network"] == network, value)})


VIOLATIONS: dict[str, tuple[Break, set[str]]] = {
    "required_complete": (put("direction", None), set()),
    "key_unique": (lambda df: pd.concat([df, df.iloc[[2]]], ignore_index=True), set()),
    "ends_differ": (put("destination_code", 110000), set()),
    "flow_not_negative": (put("flow", -0.5), set()),
    "units_known": (everywhere("unit", "trips"), set()),
    "one_unit": (put("unit", "persons"), set()),
    "periods_counted": (put("periods", 0), set()),
    "shares_of_a_whole": (put("flow", 75.0, row=25), set()),
    "distance_plausible": (put("distance_km", 0.0), set()),
    "readings_agree": (lambda df: put("reading_gap", 0.5, 4)(put("reading_gap", 0.5)(df)), set()),
    "flow_varies": (everywhere("flow", 1.0), set()),
}


def failed(df: pd.DataFrame) -> set[str]:
    frame = df.astype({"flow": float, "distance_km": float, "reading_gap": float})
    result = SUITE.run(frame)
    return set(result.loc[~result["passed"], "check_name"])


def test_good_data_passes_every_check(good: pd.DataFrame) -> None:
    result = SUITE.run(good)
    assert result["check_name"].tolist() == list(CHECKS)
    assert result.loc[~result["passed"], ["check_name", "observed"]].to_dict("records") == []
    assert not result["observed"].str.startswith("no values").any()


def test_every_check_has_a_violation() -> None:
    assert set(VIOLATIONS) == set(CHECKS)
    assert {name for name, check in CHECKS.items() if check.severity == "warning"} == {"readings_agree", "flow_varies"}


@pytest.mark.parametrize("name", CHECKS)
def test_a_violation_fails_exactly_its_check(good: pd.DataFrame, name: str) -> None:
    violate, companions = VIOLATIONS[name]
    assert failed(violate(good)) == {name} | companions


def test_one_wide_gap_in_a_large_network_is_borne(good: pd.DataFrame) -> None:
    many = pd.concat([good.assign(origin_code=good["origin_code"] + k * 10) for k in range(3)], ignore_index=True)
    assert failed(put("reading_gap", 0.5)(many).assign(flow=many["flow"])) == set()


def test_too_far_is_out_of_bounds(good: pd.DataFrame) -> None:
    assert failed(put("distance_km", 9000.0)(good)) == {"distance_plausible"}


def test_unknown_distances_are_no_fault(good: pd.DataFrame) -> None:
    assert failed(put("distance_km", None)(good)) == set()


def test_without_flows_there_is_nothing_to_check(good: pd.DataFrame) -> None:
    result = SUITE.run(good.iloc[:0])
    assert result["passed"].all()
    assert result["observed"].eq(NOTHING).all()
