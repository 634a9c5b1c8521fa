"""Keys of an entry take effect before the layout is recognised, or are refused by name; titles above years across."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from catalog import Source
from ingestion import FileReading
from ingestion.readers import EVERY_LAYOUT
from ingestion.vocabulary.claims import KEYS_OF_CELLS
from tests.ingestion.conftest import PROVINCES, codes, nbs_text
from tests.ingestion.small_panels import GDP, LONG, Rows, csv, panel, reason, xlsx

Read = Callable[..., FileReading]
OF_GDP = {"indicator": "gdp", "unit": "亿元"}
HEAD = ["地区", "2012年", "2013年", "2014年"]


def across(*above: list[Any], head: list[Any] = HEAD, more: tuple[Any, ...] = ()) -> Rows:
    """Provinces down and years across below lines of titles, with further columns behind."""
    return [
        *above,
        head,
        *([name, *(3000.5 + 50 * i + j for j in range(3)), *more] for i, name in enumerate(PROVINCES)),
    ]


def test_every_key_a_layout_uses_is_one_of_an_entry() -> None:
    known = Source.model_fields.keys()
    for layout in EVERY_LAYOUT:
        assert layout.uses <= known, layout.name
    assert known >= KEYS_OF_CELLS


@pytest.mark.parametrize(
    ("content", "keys", "idle"),
    [
        (nbs_text(), {"entity_column": "地区"}, "entity_column"),
        (nbs_text(), {"neutral_groups": ["a"], "key": "name"}, "key, neutral_groups"),
        (csv(panel()), {**LONG, **GDP, "years_absent": [2010]}, "years_absent"),
        (csv(panel()), {**LONG, **GDP, "indicator": "gdp"}, "indicator"),
        (csv([["年份", *PROVINCES], [2012, *range(1000, 1031)]]), {**OF_GDP, "year": 2012}, "year"),
        ("0,1\n1,0\n", {"weights": {"name": "w", "kind": "other", "order": [110000, 120000]}, "unit": "亿元"}, "unit"),
    ],
)
def test_a_key_the_layout_does_not_use_is_refused_by_name(
    read: Read, content: Any, keys: dict[str, Any], idle: str
) -> None:
    reading = read(content, **keys)
    assert codes(reading) == {"key_unused"} and not reading.observation
    told = reason(reading, "key_unused")
    assert f"found '{idle}'" in told and f"remove `{idle}`" in told
    assert codes(read(content, "b.csv", **{key: value for key, value in keys.items() if key not in idle})) == set()


def test_a_key_of_a_key_is_no_exception(read: Read) -> None:
    ordered: Rows = [[2012, 2013], *([1500.5 + i, 2000] for i in range(31))]
    panel_keys = {"entity_order": "code_order", "repeated_rows": False, "filled": []}
    reading = read(csv(ordered), panel=panel_keys, **OF_GDP)
    assert "panel: filled, panel: repeated_rows" in reason(reading, "key_unused")


def test_a_key_that_repeats_its_default_says_nothing(read: Read) -> None:
    assert codes(read(nbs_text(), key="code", years_absent=[])) == set()


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_columns_declared_to_be_left_out_are_so_before_the_layout_is_recognised(read: Read, name: str) -> None:
    write = xlsx if name.endswith("xlsx") else csv
    content = write(across(head=[*HEAD, "平均(亿元)"], more=(9,)))
    refused = read(content, name, **OF_GDP)
    assert codes(refused) == {"header_cell"}
    pattern = reason(refused, "header_cell").split("set_aside_columns: ['")[1].split("']")[0]
    for aside in ("平均.*", "平均", pattern):
        reading = read(content, f"b{name}", set_aside_columns=[aside], **OF_GDP)
        assert codes(reading) == set() and len(reading.observation) == 93
    named = nbs_text(years=("2014年", "2013年", "年均增速"))
    assert len(read(named, "c.csv", set_aside_columns=["年均增速"]).observation) == 62


def test_columns_left_out_of_other_tables(read: Read) -> None:
    years = [["年份", *PROVINCES, "平均"], *([year, *range(1000, 1031), 7] for year in (2012, 2013))]
    assert len(read(csv(years), set_aside_columns=["平均"], **OF_GDP).observation) == 62
    ordered: Rows = [[2012, 2013, "增速"], *([1500.5 + i, 2000, 3] for i in range(31))]
    keys = {**OF_GDP, "panel": {"entity_order": "code_order"}}
    assert len(read(csv(ordered), "b.csv", set_aside_columns=["增速"], **keys).observation) == 62
    stub = [
        [None, None, 2012, 2013, "增速"],
        *(["地区生产总值(亿元)", name, 1500.5 + i, 2000, 3] for i, name in enumerate(PROVINCES)),
    ]
    assert len(read(csv(stub), "c.csv", set_aside_columns=["增速"]).observation) == 62
    rows = "".join(
        f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in across(head=[*HEAD, "平均"], more=(9,))
    )
    document = f"<table>{rows}</table>".encode()
    keys = {**OF_GDP, "layout": "html_tables", "tables": [1]}
    assert len(read(document, "d.html", set_aside_columns=["平均"], **keys).observation) == 93


TITLES: tuple[list[Any], ...] = (["分地区某指标统计表（2012-2014年）", None], [None, None, None, "（单位：亿元）"])


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_titles_and_a_unit_line_above_years_across(read: Read, name: str) -> None:
    content = (xlsx if name.endswith("xlsx") else csv)(across(*TITLES))
    reading = read(content, name, indicator="gdp")
    assert codes(reading) == set() and len(reading.observation) == 93
    assert {r["year"] for r in reading.observation} == {2012, 2013, 2014}
    assert codes(read(content, f"b{name}", indicator="gdp", unit="万元")) == {"contradicting_unit"}
    assert codes(read(content, f"c{name}")) == {"no_indicator"}


def test_a_declared_year_beside_printed_ones_is_remarked_on_or_contradicts(read: Read) -> None:
    content = xlsx(across(*TITLES))
    reading = read(content, "a.xlsx", indicator="gdp", year=2014)
    assert codes(reading) == {"year_printed"} and len(reading.observation) == 93
    assert codes(read(content, "b.xlsx", indicator="gdp", year=2020)) == {"contradicting_year"}


def test_titles_above_years_down(read: Read) -> None:
    rows = [
        ["各省地区生产总值"],
        ["单位：亿元"],
        ["年份", *PROVINCES],
        *([year, *range(1000, 1031)] for year in (2012, 2013)),
    ]
    for content, name in ((csv(rows), "a.csv"), (xlsx(rows), "a.xlsx")):
        reading = read(content, name, indicator="gdp")
        assert codes(reading) == set() and len(reading.observation) == 62


def test_a_yearbook_title_of_several_years_gets_advice_that_helps(read: Read) -> None:
    rows: Rows = [
        ["各地区地区生产总值（2012-2014年）"],
        ["地区", "地区生产总值(亿元)"],
        *([name, 1000 + i] for i, name in enumerate(PROVINCES)),
    ]
    for keys in ({}, {"year": 2014}):
        told = reason(read(xlsx(rows), "a.xlsx", **keys), "several_years")
        assert "mapping" in told and "`year:`" not in told
