"""Lists in which two places stand under one name: found by a constant ratio, refused, left out where declared, never
added up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from catalog.declarations.flow import FlowSpec
from ingestion import FileReading
from tests.ingestion.flows.conftest import EDGES, codes, edge_text, flows, lists, rows

Read = Callable[..., FileReading]
DAY = "2021-04-14"
SANYA, HAIKOU, BEIJING = 460200, 460100, 110000
PARTNERS = ["海口", "北京", "上海", "广州", "深圳", "成都", "重庆", "杭州"]
RATIO = 0.0073
LEFT = {"place": "三亚", "periods": ["20210414"], "reason": "two places under one name"}


def mixed(ratio: Callable[[int], float] = lambda k: RATIO, four: bool = True) -> list[tuple[Any, ...]]:
    """A list of 三亚 cross-joined with that of another place, between two sound lists."""
    sound = [("北京", "天津", 5.5, DAY), ("北京", "唐山", 2.5, DAY)]
    faulty = []
    for k, name in enumerate(PARTNERS):
        figure = 3.0 + k
        faulty += [("三亚", name, figure, DAY), ("三亚", name, figure * ratio(k), DAY)]
    if four:
        faulty += [("三亚", "海口", 0.8, DAY), ("三亚", "海口", 0.8 * ratio(0), DAY)]
    return [*sound, *faulty, ("三亚", "三亚", 9, DAY), ("太原", "三亚", 0.25, DAY)]


def sound_rows(count: int) -> list[tuple[Any, ...]]:
    """Pairs of no fault, so that those of 三亚 are few among many."""
    cities = ("北京", "天津", "石家庄", "唐山", "太原")
    return [(a, b, k, f"2021-05-{k:02}") for k in range(1, count) for a in cities for b in cities if a != b]


@pytest.mark.parametrize("keys", [{}, {"repeated": "add"}])
@pytest.mark.parametrize("four", [True, False])
def test_an_undeclared_mixed_list_refuses_the_file_by_name(read: Read, keys: dict[str, Any], four: bool) -> None:
    reading = read(edge_text(mixed(four=four)), direction="out", **keys)
    assert codes(reading) == ["flow_mixed_list"]
    reason, chinese = reading.rejected_row[0]["reason"], reading.rejected_row[0]["reason_zh"]
    assert "三亚" in reason and "0.0073" in reason and "left_out" in reason and f"{SANYA}, {DAY}" in reason
    assert "三亚" in chinese and "left_out" in chinese
    assert not reading.tables


@pytest.mark.parametrize("keys", [{}, {"repeated": "add"}])
def test_a_declared_one_is_left_out_and_all_else_is_read(read: Read, keys: dict[str, Any]) -> None:
    reading = read(edge_text(mixed()), direction="out", left_out=[LEFT], **keys)
    assert codes(reading) == ["flow_list_left_out"] * 18
    assert flows(reading) == {(BEIJING, 120000): 5.5, (BEIJING, 130200): 2.5, (140100, SANYA): 0.25}
    record = lists(reading)[SANYA]
    assert (record["partners"], record["self_loops"], record["not_loaded"]) == (0, 1, 18)
    assert "two places under one name" in reading.rejected_row[0]["reason"]
    assert rows(reading) == (23, 3, 18, 2)


def test_arrivals_and_rows_for_themselves_are_looked_at_from_both_ends(read: Read) -> None:
    turned = [(b, a, n, day) for a, b, n, day in mixed()]
    assert codes(read(edge_text(turned), direction="in")) == ["flow_mixed_list"]
    assert codes(read(edge_text(turned), "b.csv", direction="both")) == ["flow_mixed_list"]


def test_other_repeats_are_no_mixed_list(read: Read) -> None:
    body = mixed(lambda k: RATIO * (1 + k / 10), four=False) + sound_rows(10)
    reading = read(edge_text(body), direction="out")
    assert set(codes(reading)) == {"flow_contradiction"}
    added = read(edge_text(mixed(lambda k: RATIO * (1 + k / 10), four=False)), "b.csv", direction="out", repeated="add")
    assert flows(added)[SANYA, HAIKOU] == pytest.approx(3 * (1 + RATIO))


def test_a_sound_list_is_not_thrown_away(read: Read) -> None:
    body = [("三亚", name, k + 1, DAY) for k, name in enumerate(PARTNERS)]
    reading = read(edge_text(body), direction="out", left_out=[LEFT])
    assert codes(reading) == ["flow_left_out_sound"]
    assert "三亚, 2021-04-14" in reading.rejected_row[0]["reason"]


def test_a_declaration_speaks_for_its_periods_only(read: Read) -> None:
    left = {**LEFT, "periods": ["2021-06-15"]}
    body = [("三亚", name, k + 1, DAY) for k, name in enumerate(PARTNERS)]
    assert codes(read(edge_text(body), direction="out", left_out=[left])) == []
    assert codes(read(edge_text(mixed()), "b.csv", direction="out", left_out=[left])) == ["flow_mixed_list"]


@pytest.mark.parametrize(("left", "code"), [({"place": "某市"}, "unknown_place"), ({"periods": ["x"]}, "flow_period")])
def test_a_declaration_that_names_nothing(read: Read, left: dict[str, Any], code: str) -> None:
    assert codes(read(edge_text(mixed()), direction="out", left_out=[LEFT | left])) == [code]


@pytest.mark.parametrize("keys", [{}, {"repeated": "add"}, {"left_out": [LEFT]}])
def test_a_large_file_is_judged_alike(read: Read, monkeypatch: pytest.MonkeyPatch, keys: dict[str, Any]) -> None:
    content = edge_text(mixed() + sound_rows(12))
    small = read(content, "small.csv", direction="out", **keys)
    monkeypatch.setattr("ingestion.readers.flows.flow_edges.TEXT_BYTES", 10)
    large = read(content, "large.csv", direction="out", **keys)
    assert codes(large) == codes(small)
    assert codes(large)[0] == ("flow_list_left_out" if "left_out" in keys else "flow_mixed_list")
    if "left_out" in keys:
        assert flows(large) == flows(small)


def test_a_network_for_each_period_of_a_file(read: Read) -> None:
    body = [("北京", "天津", 1.5)]
    text = edge_text(body, ("from", "to", "n"))
    keys = {"network": "day_{period}", "period_column": None, "file_name": r"(?P<period>\d+)"}
    [record] = read(text, "20200415.csv", **keys).tables["flow"].to_pylist()
    assert (record["network"], record["period_first"]) == ("day_20200415", "2020-04-15")
    [record] = read(text, "202104.csv", **keys).tables["flow"].to_pylist()
    assert record["network"] == "day_202104"
    assert codes(read(text, "20201399.csv", **keys)) == ["flow_period"]


@pytest.mark.parametrize("network", ["x_{day}", "{period}", "x_{period}_y"])
def test_a_name_of_a_network_that_cannot_be(network: str) -> None:
    with pytest.raises(ValidationError, match="network"):
        FlowSpec.model_validate(EDGES | {"network": network})


def test_a_network_by_period_needs_one_period_a_file() -> None:
    with pytest.raises(ValidationError, match="period_column"):
        FlowSpec.model_validate(EDGES | {"network": "day_{period}"})
