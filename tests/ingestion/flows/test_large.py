"""Large files take another way and come to the same flows, refusals and counts; limits are lowered, not data made."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingestion import FileReading
from ingestion.places.units import units_at
from ingestion.readers.flows import flow_edges as large_tables
from tests.ingestion.flows.conftest import codes, edge_text, flows, lists, parquet, rows

Read = Callable[..., FileReading]
UNITS = [unit for unit in units_at(2020) if unit.level == "prefecture"][:40]


def body(days: int = 90, names: bool = False, seed: int = 3) -> list[tuple[Any, ...]]:
    """Rows by day, origin and rank, a seventh of the pairs missing."""
    draw = random.Random(seed)
    ends = [unit.name if names else unit.code for unit in UNITS]
    return [
        (a, b, round(draw.lognormvariate(-3, 2), 12), f"2020-{1 + d // 28:02}-{1 + d % 28:02}")
        for d in range(days)
        for a in ends
        for b in draw.sample(ends, 6)
        if a != b
    ]


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_tables, "TEXT_BYTES", 1)
    monkeypatch.setattr(large_tables, "PARQUET_BYTES", 1)
    monkeypatch.setattr("ingestion.readers.flows.stream.ROOM", {"prefecture": 8, "county": 8})


def both(read: Read, request: pytest.FixtureRequest, content: str, name: str, **flow: Any) -> tuple[Any, Any]:
    """The file read the small way, then the large way."""
    small = read(content, "small.csv", **flow)
    request.getfixturevalue("large")
    return small, read(None if name.endswith(".parquet") else content, name, **flow)


def same(small: FileReading, large: FileReading) -> None:
    """Equal but for the last digits of sums, and for rows that large files do not number."""
    left, right = small.tables["flow"].to_pylist(), large.tables["flow"].to_pylist()
    assert len(left) == len(right)
    for a, b in zip(left, right, strict=True):
        assert b["flow"] == pytest.approx(a["flow"], rel=1e-12, abs=1e-13)
        hidden = {"flow", "first_row", "file_id"}
        assert {k: v for k, v in a.items() if k not in hidden} == {k: v for k, v in b.items() if k not in hidden}
    reasons = [[(r["code"], r["raw"], r["row"]) for r in reading.rejected_row] for reading in (small, large)]
    assert reasons[0] == reasons[1]


@pytest.mark.parametrize("names", [False, True])
def test_csv(read: Read, request: pytest.FixtureRequest, names: bool) -> None:
    small, large = both(read, request, edge_text(body(names=names)), "large.csv")
    same(small, large)
    assert rows(small) == rows(large)
    assert large.tables["flow"]["first_row"].null_count == len(large.tables["flow"])


@pytest.mark.parametrize("names", [False, True])
@pytest.mark.parametrize("order", ["1", "random()"])
def test_parquet(read: Read, request: pytest.FixtureRequest, tmp_path: Path, names: bool, order: str) -> None:
    content = edge_text(body(names=names))
    (tmp_path / "small.csv").write_text(content, encoding="utf-8")
    parquet(tmp_path / "large.parquet", f"SELECT * FROM read_csv('{tmp_path}/small.csv') ORDER BY {order}")
    small, large = both(read, request, content, "large.parquet")
    same(small, large)
    assert large.tables["flow"]["first_row"].null_count == len(large.tables["flow"])
    assert rows(large) == tuple(n - k for n, k in zip(rows(small), (1, 0, 0, 1), strict=True))


@pytest.mark.parametrize("flow", [{}, {"direction": "out", "top": 6}, {"network": "n_{year}"}])
def test_the_slower_pass_finds_the_same(
    read: Read, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, flow: dict[str, Any]
) -> None:
    """More places and periods than the arrays hold are left to a query."""
    monkeypatch.setattr("ingestion.readers.flows.stream.SEEN_BYTES", 1)
    content = edge_text([*body(), (UNITS[0].code, UNITS[0].code, 1, "2021-01-01")])
    small, large = both(read, request, content, "large.csv", **flow)
    same(small, large)
    assert large.tables["flow"]["first_row"].null_count == len(large.tables["flow"])
    if "direction" in flow:
        assert [{**r, "file_id": ""} for r in lists(small).values()] == [
            {**r, "file_id": ""} for r in lists(large).values()
        ]


def test_the_same_bytes_every_time(read: Read, large: None, tmp_path: Path) -> None:
    content = edge_text(body())
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    parquet(tmp_path / "a.parquet", f"SELECT * FROM read_csv('{tmp_path}/a.csv')")
    for name in ("a.csv", "a.parquet"):
        tables = [read(None, name).tables["flow"] for _ in range(3)]
        assert tables[0].equals(tables[1])
        assert tables[0].equals(tables[2])


FAULTS: dict[str, list[tuple[Any, ...]]] = {
    "repeat": [(UNITS[0].code, UNITS[1].code, 1.5, "2021-01-01")] * 2,
    "contradiction": [(UNITS[0].code, UNITS[1].code, n, "2021-01-01") for n in (1, 2)],
    "contradiction_far_apart": [(UNITS[0].code, UNITS[1].code, 77, "2020-01-01")] * 2,
    "unknown": [("999999", UNITS[1].code, 1, "2021-01-01")],
    "outside": [("710000", UNITS[1].code, 1, "2021-01-01")],
    "self_loop": [(UNITS[0].code, UNITS[0].code, 1, "2021-01-01")],
    "negative": [(UNITS[0].code, UNITS[1].code, -1, "2021-01-01")],
    "too_large": [(UNITS[0].code, UNITS[1].code, 1e9, "2021-01-01")],
    "missing": [(UNITS[0].code, UNITS[1].code, "", "2021-01-01")],
    "no_number": [(UNITS[0].code, UNITS[1].code, "x", "2021-01-01")],
    "no_period": [(UNITS[0].code, UNITS[1].code, 1, "")],
    "bad_period": [(UNITS[0].code, UNITS[1].code, 1, "spring")],
    "no_place": [("", UNITS[1].code, 1, "2021-01-01")],
    "name_among_codes": [(UNITS[0].name, UNITS[1].code, 1, "2021-01-01")],
    "zero": [(UNITS[0].code, UNITS[1].code, 0, "2021-01-01")],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_comes_out_the_same_way(read: Read, request: pytest.FixtureRequest, fault: str) -> None:
    content = edge_text([*FAULTS[fault][:1], *body(days=70), *FAULTS[fault][1:]])
    small, large = both(read, request, content, "large.csv", direction="out")
    same(small, large)
    assert rows(small) == rows(large)
    assert {k: {n: v for n, v in r.items() if n != "file_id"} for k, r in lists(small).items()} == {
        k: {n: v for n, v in r.items() if n != "file_id"} for k, r in lists(large).items()
    }


@pytest.mark.parametrize("seen_bytes", [10**9, 1])
def test_one_period_for_the_whole_file(
    read: Read, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, seen_bytes: int
) -> None:
    monkeypatch.setattr("ingestion.readers.flows.stream.SEEN_BYTES", seen_bytes)
    content = edge_text([row[:3] for row in body(days=1)], ("from", "to", "n"))
    keys = {"period_column": None, "period": "2020-01", "direction": "out", "network": "n_{year}"}
    small, large = both(read, request, content, "large.csv", **keys)
    same(small, large)
    assert large.tables["flow"]["first_row"].null_count == len(large.tables["flow"]) > 0
    unnamed = read(content, "spring.csv", **(keys | {"period": None, "file_name": "(?P<period>.*)"}))
    assert codes(unnamed) == ["flow_period"]


@pytest.mark.parametrize("direction", ["both", "out"])
def test_a_row_without_a_period_is_counted_in_a_network_by_year(
    read: Read, request: pytest.FixtureRequest, direction: str
) -> None:
    content = edge_text([*body(), (UNITS[0].code, UNITS[1].code, 1, "")])
    small, large = both(read, request, content, "large.csv", network="n_{year}", direction=direction)
    same(small, large)
    assert codes(large) == ["flow_period"]
    assert rows(small) == rows(large)


def test_a_repeat_across_runs_of_a_parquet_file_is_found(read: Read, large: None, tmp_path: Path) -> None:
    extra = (UNITS[0].code, UNITS[1].code, 5.0, "2020-01-01")
    content = edge_text([extra, *body(), (*extra[:2], 6.0, extra[3])])
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    parquet(tmp_path / "a.parquet", f"SELECT * FROM read_csv('{tmp_path}/a.csv')")
    reading = read(None, "a.parquet")
    assert set(codes(reading)) == {"flow_contradiction"}
    assert "rows 1, " in reading.rejected_row[0]["reason"]


def test_lists_of_a_large_file(read: Read, request: pytest.FixtureRequest) -> None:
    small, large = both(
        read, request, edge_text(body(days=30)), "large.csv", direction="out", top=6, network="n_{year}"
    )
    assert lists(small).keys() == lists(large).keys()
    for code, record in lists(small).items():
        assert {k: v for k, v in record.items() if k != "file_id"} == {
            k: v for k, v in lists(large)[code].items() if k != "file_id"
        }


@pytest.mark.parametrize("seen_bytes", [10**9, 1])
@pytest.mark.parametrize("flow", [{"top": 5}, {"unit": "percent", "largest": 1e9}])
def test_lists_too_long_and_shares_over_100(
    read: Read,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    flow: dict[str, Any],
    seen_bytes: int,
) -> None:
    monkeypatch.setattr("ingestion.readers.flows.stream.SEEN_BYTES", seen_bytes)
    content = edge_text([(a, b, n * 50, day) for a, b, n, day in body(days=10)])
    small, large = both(read, request, content, "large.csv", direction="out", **flow)
    assert codes(small) == codes(large)
    assert {"flow_list_too_long", "flow_shares_over_100"} & set(codes(large))
    assert flows(small) == flows(large)


def test_contradictions_everywhere_refuse_a_large_file(read: Read, large: None) -> None:
    rows_twice = [(a, b, n + k, day) for a, b, n, day in body(days=5) for k in (0, 1)]
    reading = read(edge_text(rows_twice), "a.csv")
    assert codes(reading) == ["flow_many_contradictions"]
    assert flows(read(edge_text(rows_twice), "b.csv", repeated="add"))


def test_gb18030_and_a_ragged_row(read: Read, large: None) -> None:
    content = edge_text(body(days=3, names=True))
    assert flows(read(content.encode("gb18030"), "a.csv")) == flows(read(content, "b.csv"))
    assert codes(read(content + "北京市,天津市\n", "c.csv")) == ["flow_unreadable"]
