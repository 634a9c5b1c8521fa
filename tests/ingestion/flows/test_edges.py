"""Edge lists: what is loaded, refused and set aside, row by row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from catalog.declarations.flow import FlowSpec
from ingestion import FileReading
from tests.ingestion.flows.conftest import EDGES, codes, edge_text, flows, lists, parquet, rows

Read = Callable[..., FileReading]
DAY = "2020-01-15"


def test_names_and_codes_mean_the_same(read: Read) -> None:
    named = read(edge_text([("北京", "天津", 1.5, DAY), ("石家庄", "北京", 2, DAY)]))
    coded = read(edge_text([("110000", "120000", 1.5, DAY), ("1301", "110000.0", 2, DAY)]), "b.csv")
    assert flows(named) == flows(coded) == {(110000, 120000): 1.5, (130100, 110000): 2.0}
    assert rows(named) == (3, 2, 0, 1)
    record = named.tables["flow"].to_pylist()[0]
    assert record["period_first"] == record["period_last"] == DAY
    assert (record["first_row"], record["rows"], record["unit"], record["direction"]) == (2, 1, "index", "both")


@pytest.mark.parametrize("name", ["a*.csv", "a[b].csv", "year=2024/n=7/a.csv"])
def test_the_name_of_a_file_is_no_pattern_and_no_column(read: Read, name: str) -> None:
    read(edge_text([("北京", "太原", 9, DAY)]), "ab.csv")
    reading = read(edge_text([("北京", "天津", 1.5, DAY)]), name)
    assert flows(reading) == {(110000, 120000): 1.5} and rows(reading) == (2, 1, 0, 1)


def test_periods_are_added_up(read: Read) -> None:
    reading = read(edge_text([("北京", "天津", 0.1, "20200115"), ("北京", "天津", 0.2, "2020年1月16日")]))
    [record] = reading.tables["flow"].to_pylist()
    assert (record["flow"], record["periods"], record["rows"]) == (0.1 + 0.2, 2, 2)
    assert (record["period_first"], record["period_last"]) == ("2020-01-15", "2020-01-16")


def test_equal_repeats_are_set_aside_and_different_ones_refused(read: Read) -> None:
    body = [("北京", "天津", 1, DAY), ("北京", "天津", 1.0, DAY), ("太原", "天津", 1, DAY), ("太原", "天津", 2, DAY)]
    body += [("唐山", "天津", k, f"2020-02-{k:02}") for k in range(1, 29)]
    reading = read(edge_text(body), direction="in")
    assert rows(reading) == (33, 29, 2, 2)
    assert codes(reading) == ["flow_contradiction"] * 2
    assert "1 | 2" in reading.rejected_row[0]["reason"]
    assert "rows 4, 5" in reading.rejected_row[0]["reason"]
    assert (140100, 120000) not in flows(reading)
    assert flows(reading)[110000, 120000] == 1
    assert lists(reading)[120000]["repeats"] == 1
    assert lists(reading)[120000]["not_loaded"] == 2


def test_repeats_are_added_where_declared(read: Read) -> None:
    reading = read(edge_text([("北京", "天津", 1, DAY), ("北京", "天津", 2, DAY)]), repeated="add")
    assert flows(reading) == {(110000, 120000): 3.0}


def test_contradictions_everywhere_refuse_the_file(read: Read) -> None:
    body = [(a, "天津", k, DAY) for a in ("北京", "太原", "唐山") for k in (1, 2)]
    reading = read(edge_text(body))
    assert codes(reading) == ["flow_many_contradictions"]
    assert reading.source_file["status"] == "refused"


def test_two_directions_under_one_header_are_refused_with_the_evidence(read: Read) -> None:
    out = {("北京", "天津"): 10, ("北京", "太原"): 7, ("天津", "北京"): 8, ("天津", "太原"): 3, ("太原", "北京"): 6}
    stacked = [(a, b, n, DAY) for (a, b), n in out.items()] + [(b, a, n, DAY) for (a, b), n in out.items()]
    reading = read(edge_text(stacked))
    assert codes(reading) == ["flow_stacked"]
    assert "4 pairs of 10 rows" in reading.rejected_row[0]["reason"]
    assert "4 of them have a figure that comes back" in reading.rejected_row[0]["reason"]


def test_self_loops_and_zeros_are_recorded(read: Read) -> None:
    reading = read(
        edge_text([("北京", "北京", 5, DAY), ("北京", "天津", 0, DAY), ("北京", "唐山", 3, DAY)]), direction="out"
    )
    assert flows(reading) == {(110000, 120000): 0.0, (110000, 130200): 3.0}
    record = lists(reading)[110000]
    assert (record["self_loops"], record["zeros"], record["partners"], record["smallest_flow"]) == (1, 1, 2, 0.0)
    assert rows(reading) == (4, 2, 0, 2)


def test_a_full_list_is_censored_and_a_longer_one_refused(read: Read) -> None:
    body = [("北京", "天津", 3, DAY), ("北京", "太原", 2, DAY), ("天津", "北京", 1, DAY)]
    reading = read(edge_text(body), direction="out", top=2)
    assert [lists(reading)[code]["censored"] for code in (110000, 120000)] == [True, False]
    longer = read(edge_text([*body, ("北京", "唐山", 1, DAY)]), "b.csv", direction="out", top=2)
    assert codes(longer) == ["flow_list_too_long"] * 3
    assert flows(longer) == {(120000, 110000): 1.0}


def test_places_outside_and_provinces_are_set_aside_unknown_names_refused(read: Read) -> None:
    body = [
        ("台湾", "北京", 1, DAY),
        ("香港特别行政区", "北京", 1, DAY),
        ("高雄", "北京", 1, DAY),
        ("浙江", "北京", 1, DAY),
    ]
    body += [("图木舒克", "北京", 4, DAY), ("石家壮", "北京", 1, DAY)]
    reading = read(edge_text(body))
    assert rows(reading) == (7, 1, 1, 5)
    assert flows(reading) == {(659003, 110000): 4.0}
    assert codes(reading) == ["unknown_place"]
    assert "石家庄市" in reading.rejected_row[0]["reason"]
    assert "cell A7" in reading.rejected_row[0]["reason"]
    assert reading.rejected_row[0]["cell"] == ""


@pytest.mark.parametrize(
    ("row", "code", "cell"),
    [
        (("北京", "天津", "-3", DAY), "flow_negative", "C2"),
        (("北京", "天津", "abc", DAY), "not_a_number", "C2"),
        (("北京", "天津", "inf", DAY), "not_a_number", "C2"),
        (("北京", "天津", "1e99", DAY), "flow_too_large", "C2"),
        (("北京", "", "1", DAY), "flow_no_place", "B2"),
        (("北京", "天津", "1", "January"), "flow_period", "D2"),
        (("北京", "天津", "1", "2020-02-30"), "flow_period", "D2"),
        (("北京", "天津", "1"), "flow_row_width", "row 2"),
    ],
)
def test_a_bad_cell_refuses_its_row_alone(read: Read, row: tuple[Any, ...], code: str, cell: str) -> None:
    reading = read(edge_text([row, ("北京", "太原", 2, DAY)]))
    assert codes(reading) == [code]
    assert cell in reading.rejected_row[0]["reason"]
    assert flows(reading) == {(110000, 140100): 2.0}
    assert rows(reading) == (3, 1, 1, 1)


def test_a_missing_figure_is_no_zero(read: Read) -> None:
    reading = read(edge_text([("北京", "天津", "", DAY), ("北京", "太原", "-", DAY), ("北京", "唐山", "1", DAY)]))
    assert flows(reading) == {(110000, 130200): 1.0}
    assert rows(reading) == (4, 1, 0, 3)


def test_figures_with_separators(read: Read) -> None:
    reading = read('from,to,n,day\n北京,唐山,"1,234.5",2020\n')
    assert flows(reading) == {(110000, 130200): 1234.5}


def test_shares_of_a_list_sum_to_the_whole_at_most(read: Read) -> None:
    body = [("北京", "天津", 60, DAY), ("太原", "天津", 41, DAY), ("北京", "太原", 99, DAY)]
    reading = read(edge_text(body), direction="in", unit="percent")
    assert codes(reading) == ["flow_shares_over_100"] * 2
    assert flows(reading) == {(110000, 140100): 99.0}
    assert "101" in reading.rejected_row[0]["reason"]


def test_mixed_periods_are_refused(read: Read) -> None:
    reading = read(edge_text([("北京", "天津", 1, "2020"), ("北京", "天津", 1, "2020-01")]))
    assert codes(reading) == ["flow_period_mixed"]


def test_one_network_a_year(read: Read) -> None:
    reading = read(edge_text([("北京", "天津", 1, 2020), ("北京", "天津", 2, 2021)]), network="amap_{year}")
    assert [(r["network"], r["flow"]) for r in reading.tables["flow"].to_pylist()] == [
        ("amap_2020", 1),
        ("amap_2021", 2),
    ]


def test_a_historic_unit_keeps_its_flows_apart(read: Read) -> None:
    """莱芜 became part of 济南 at the end of 2018: in a file of 2018 it is a unit of its own."""
    reading = read(edge_text([("莱芜", "北京", 1, 2017), ("济南", "北京", 2, 2017)]))
    assert flows(reading) == {(371200, 110000): 1.0, (370100, 110000): 2.0}


def test_a_code_that_contradicts_the_name_is_refused(read: Read) -> None:
    header = ("from", "code", "to", "n", "day")
    text = edge_text([("三亚", "460300", "北京", 1, DAY), ("北京", "110000", "三亚", 1, DAY)], header)
    reading = read(text, origin_code="code")
    assert codes(reading) == ["flow_code_mismatch"]
    assert "三沙市" in reading.rejected_row[0]["reason"]
    assert flows(read(text, "b.csv", origin_code="code", key="name")) == {(460200, 110000): 1, (110000, 460200): 1}


def test_a_province_column_tells_places_of_one_name_apart(read: Read) -> None:
    header = ("from", "province", "to", "n", "day")
    reading = read(edge_text([("海南", "青海省", "北京", 1, DAY)], header), origin_province="province")
    assert flows(reading) == {(632500, 110000): 1.0}


def test_header_problems_name_the_column(read: Read) -> None:
    assert codes(read("a,to,n,day\n北京,天津,1,2020\n")) == ["column_missing"]
    assert codes(read("from,to,n,n,day\n北京,天津,1,2,2020\n", "b.csv")) == ["repeated_column"]
    assert codes(read("", "c.csv")) == ["empty_file"]
    assert codes(read(edge_text([("北京", "天津", 1, DAY)]), "d.csv", origin=None)) == ["flow_not_declared"]


def test_amap_year_uses_the_actual_index_unless_told(read: Read) -> None:
    header = "年份,始发城市,始发城市所属省份,始发城市代码,终点城市,终点城市所属省份,终点城市代码"
    header += ",年度迁徙意愿指数,年度实际迁徙指数"
    text = f"{header}\n2023,北京市,北京市,110000,天津市,天津市,120000,7.5,6.25\n"
    keys = {"network": "amap_{year}", "direction": "both", "unit": "index", "period_column": "年份"}
    assert flows(read(text, layout="flow_amap_year", **keys)) == {(110000, 120000): 6.25}
    assert flows(read(text, "b.csv", layout="flow_amap_year", weight="年度迁徙意愿指数", **keys)) == {
        (110000, 120000): 7.5
    }


def test_one_citys_list_times_its_scale(read: Read, tmp_path: Path) -> None:
    (tmp_path / "scale.csv").write_text("city,day,index\n北京,20200115,8\n天津,20200115,2\n", encoding="utf-8")
    text = "city_name,province_name,value\n天津,天津市,12.5\n海南,青海省,1\n"
    keys: dict[str, Any] = {
        "direction": "in", "unit": "percent", "origin": "city_name", "origin_province": "province_name",
        "destination": None, "weight": "value", "period_column": None, "file_name": r"(?P<place>.+)_(?P<period>\d{8})",
        "scale": {"file": "scale.csv", "place": "city", "value": "index", "period": "day"},
    }  # fmt: skip
    reading = read(text, "北京_20200115.csv", **keys)
    assert flows(reading) == {(120000, 110000): 1.0, (632500, 110000): 0.08}
    assert reading.tables["flow"].to_pylist()[0]["unit"] == "index"
    absent = read(text, "太原_20200115.csv", **keys)
    assert codes(absent) == ["flow_no_scale"] * 2
    assert codes(read(text, "太原.csv", **keys)) == ["flow_file_name"]
    assert codes(read(text, "太原_20200116.csv", **(keys | {"scale": {**keys["scale"], "file": "x.csv"}}))) == [
        "flow_scale_file"
    ]


def test_parquet_and_csv_give_the_same(read: Read, tmp_path: Path) -> None:
    text = edge_text([("北京", "天津", 1.25, DAY), ("北京", "石家壮", 2, DAY), ("天津", "天津", 2, DAY)])
    assert flows(read(text)) == {(110000, 120000): 1.25}
    parquet(tmp_path / "b.parquet", f"SELECT * FROM read_csv('{tmp_path / 'a.csv'}')")
    other = read(None, "b.parquet")
    assert flows(other) == {(110000, 120000): 1.25}
    assert rows(other) == (3, 1, 1, 1)
    assert codes(other) == ["unknown_place"]


def test_a_column_may_be_called_as_ours_are(read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    header = ("o", "d", "row", "v")
    text = edge_text([("天津", "北京", 1.25, DAY), ("北京", "太原", 2, DAY)], header)
    keys = {"origin": "d", "destination": "o", "weight": "row", "period_column": "v"}
    assert flows(read(text, **keys)) == {(110000, 120000): 1.25, (140100, 110000): 2.0}
    parquet(tmp_path / "b.parquet", f"SELECT * FROM read_csv('{tmp_path / 'a.csv'}')")
    other = read(None, "b.parquet", **keys)
    assert flows(other) == {(110000, 120000): 1.25, (140100, 110000): 2.0}
    assert [record["first_row"] for record in other.tables["flow"].to_pylist()] == [1, 2]
    monkeypatch.setattr("ingestion.readers.flows.flow_edges.TEXT_BYTES", 1)
    large = read(f"{text}石家壮,太原,2,{DAY}\n", "c.csv", **keys)
    assert flows(large) == {(110000, 120000): 1.25, (140100, 110000): 2.0}
    assert [(record["code"], record["row"]) for record in large.rejected_row] == [("unknown_place", 4)]


def test_more_than_a_thousand_refusals_are_counted_in_one_record(read: Read) -> None:
    reading = read(edge_text([("石家壮", "北京", k, DAY) for k in range(1500)] + [("北京", "天津", 1, DAY)]))
    assert codes(reading).count("unknown_place") == 1000
    [more] = [record for record in reading.rejected_row if record["code"] == "more_rows_rejected"]
    assert more["raw"] == "500"
    assert rows(reading) == (1502, 1, 1500, 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"network": "Amap 2023"}, "network"),
        ({"period": "2020"}, "exactly one of"),
        ({"period_column": None}, "exactly one of"),
        ({"top": 100}, "direction `both`"),
        ({"direction": "in", "unit": "percent", "partner": {"file": "b.csv"}}, "percentages have no"),
        ({"direction": "in", "scale": {"file": "b.csv", "place": "a", "value": "b"}}, "unit must be percent"),
        ({"direction": "in", "partner": {"file": "/etc/passwd"}}, "relative to the file"),
        ({"direction": "in", "partner": {"file": "{path}"}}, "unknown field"),
        ({"file_name": "(?P<day>.*)"}, "named groups"),
        ({"file_name": "("}, "not a regular expression"),
        ({"direction": "north"}, "direction"),
    ],
)
def test_a_declaration_that_cannot_be_right_is_an_error(changes: dict[str, Any], message: str) -> None:
    keys = {name: value for name, value in (EDGES | changes).items() if value is not None}
    with pytest.raises(ValidationError, match=message):
        FlowSpec(**keys)
