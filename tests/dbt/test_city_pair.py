"""city_pair: one reading of each flow, distances and dialects worked out by hand, and tests that stop a bad lake."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

BEIJING, TIANJIN, SHIJIAZHUANG, LAIWU = 110000, 120000, 130100, 371200
# The table and all it rests on, with the tests that look at nothing else.
BUILD = ("build", "--exclude-resource-type", "unit_test", "--select", "+city_pair", "--indirect-selection", "cautious")
NEW, OLD, NEXT = "flows_in", "flows_out", "flows_next"


def flow(file: str, origin: int, destination: int, value: float, **more: Any) -> dict[str, Any]:
    row = {
        "file_id": file, "network": "baidu", "direction": "out" if file == OLD else "in",
        "period_first": "2020-01-15", "period_last": "2020-01-15", "periods": 1, "precedence": 1, "unit": "index",
        "origin_code": origin, "destination_code": destination, "flow": value, "rows": 1, "first_row": 2,
    }  # fmt: skip
    return row | more


def list_of(file: str, city: int, direction: str, censored: bool) -> dict[str, Any]:
    return {
        "file_id": file, "network": "baidu", "direction": direction, "city_code": city, "lists": 1,
        "full_lists": int(censored), "partners": 1, "zeros": 0, "self_loops": 0, "repeats": 0, "not_loaded": 0,
        "censored": censored, "smallest_flow": 1.0,
    }  # fmt: skip


def lake_with(tools: SimpleNamespace, *more: dict[str, Any]) -> dict[str, Any]:
    """Arrivals and departures of one day, arrivals of the next; the list of Tianjin's arrivals is full."""
    lake = dict(tools.good_lake())
    lake["source_file"] = [*lake["source_file"], *(tools.source_file(file, 0) for file in (NEW, OLD, NEXT))]
    tomorrow = {"period_first": "2020-01-16", "period_last": "2020-01-16"}
    lake["flow"] = [
        flow(NEW, BEIJING, TIANJIN, 5.0),
        flow(OLD, BEIJING, TIANJIN, 4.0),
        flow(NEXT, BEIJING, TIANJIN, 2.0, **tomorrow),
        flow(OLD, SHIJIAZHUANG, TIANJIN, 3.0),
        flow(NEXT, SHIJIAZHUANG, LAIWU, 0.0, **tomorrow),
        *more,
    ]
    lake["flow_list"] = [list_of(NEW, TIANJIN, "in", True), list_of(OLD, SHIJIAZHUANG, "out", False)]
    return lake


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, tools: SimpleNamespace) -> Any:
    warehouse = tools.make_warehouse(tmp_path_factory.mktemp("pairs"), lake_with(tools))
    return tools.run_dbt(warehouse, *BUILD)


@pytest.fixture(scope="module")
def pairs(built: Any) -> dict[tuple[int, int], dict[str, Any]]:
    assert built.success, {n: s for n, s in built.statuses.items() if s not in ("pass", "success")}
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        frame: Any = connection.execute("select * from city_pair").df()
    return {(row["origin_code"], row["destination_code"]): row for row in frame.to_dict("records")}


def test_two_readings_of_one_flow_are_not_added_up(pairs: Any) -> None:
    pair = pairs[BEIJING, TIANJIN]
    assert (pair["flow"], pair["periods"], pair["rows"]) == (7.0, 2, 2)
    assert pair["direction"] == "in+out"
    assert pair["reading_gap"] == pytest.approx(0.2)
    assert (pair["period_first"], pair["period_last"]) == ("2020-01-15", "2020-01-16")


def test_a_pair_only_one_list_names_is_taken_from_it(pairs: Any) -> None:
    pair = pairs[SHIJIAZHUANG, TIANJIN]
    assert (pair["flow"], pair["direction"]) == (3.0, "out")
    assert pair["reading_gap"] != pair["reading_gap"]


def test_censored_where_a_full_list_could_have_named_the_pair(pairs: Any) -> None:
    """石家庄 to 天津 is absent on the second day, and the list of arrivals at 天津 is full."""
    assert pairs[SHIJIAZHUANG, TIANJIN]["censored"]
    assert not pairs[SHIJIAZHUANG, LAIWU]["censored"]
    assert not pairs[BEIJING, TIANJIN]["censored"]


def test_distance_and_dialect(pairs: Any) -> None:
    """北京 to 天津 is some 110 km; the dialects of 石家庄 and 莱芜 differ, others are unknown."""
    assert 100 < pairs[BEIJING, TIANJIN]["distance_km"] < 120
    assert pairs[SHIJIAZHUANG, LAIWU]["same_dialect"] is False
    assert pairs[BEIJING, TIANJIN]["same_dialect"] is None


@pytest.mark.parametrize(
    ("bad", "test"),
    [
        ({"period_first": "2020", "period_last": "2020", "network": "baidu"}, "flow_periods_apart"),
        ({"unit": "persons"}, "flow_one_unit"),
        ({"flow": 5.5, "file_id": "cities"}, "flow_files_agree"),
        ({"origin_code": 999900}, "relationships_city_pair_origin_code__city_code__ref_city_"),
    ],
)
def test_a_bad_lake_stops(tmp_path: Path, tools: SimpleNamespace, bad: dict[str, Any], test: str) -> None:
    lake = lake_with(tools, flow(NEW, BEIJING, TIANJIN, 5.0) | {"file_id": "cities"} | bad)
    run = tools.run_dbt(tools.make_warehouse(tmp_path / "bad", lake), *BUILD)
    assert not run.success
    assert run.statuses[test] == "fail"


def test_city_pair_without_its_readings_fails(built: Any) -> None:
    """The completeness test sees a pair that was lost and a flow that was changed."""
    query = (Path(__file__).parents[2] / "dbt" / "tests" / "city_pair_complete.sql").read_text(encoding="utf-8")
    for name in ("int_flow_reading", "city_pair"):
        query = query.replace('{{ ref("' + name + '") }}', name)
    with duckdb.connect(str(built.warehouse)) as connection:
        assert connection.execute(query).fetchall() == []
        connection.execute("begin")
        connection.execute(f"delete from city_pair where destination_code = {LAIWU}")
        connection.execute(f"update city_pair set flow = flow + 1 where origin_code = {BEIJING}")
        assert len(connection.execute(query).fetchall()) == 2
        connection.execute("rollback")
