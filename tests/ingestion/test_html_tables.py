"""Tables in HTML and Markdown: a table split over two, an unreadable header, cells a scan fused or lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ingestion import FileReading
from tests.ingestion.conftest import SHORT, codes

Read = Callable[..., FileReading]
KEYS: dict[str, Any] = {"layout": "html_tables", "tables": [1, 3], "indicator": "child_management_rate", "unit": "%"}
HEADER = ["", "2010", "2011", "2012"]


def row(cells: list[str], tag: str = "td") -> str:
    return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"


def document(header: list[str] | None = None, cells: dict[tuple[int, int], str] | None = None, **rows: str) -> str:
    """Provinces 0-16 in table 1, the rest in table 3, other things between; `r5` replaces the row of province 5."""
    body = [
        rows.get(f"r{i}", row([name, *((cells or {}).get((i, j), f"{80 + i / 10 + j / 100:.2f}") for j in range(3))]))
        for i, name in enumerate(SHORT)
    ]
    first = "".join([row(HEADER if header is None else header), row(["全国", "81.5", "84.6", "87.0"]), *body[:17]])
    other = row(["分类", "平均值 标准差"]) + row(["东部", "87.20 13.93"])
    return (
        f"# 标题 a < b\n\n<html><body><table>{first}</table></body></html>\n\n文字 88.8\n\n<table>{other}</table>\n\n"
        f"<table><tbody>{''.join(body[17:])}</tbody></table>\n"
    )


@pytest.mark.parametrize("name", ["a.md", "a.html", "a.htm"])
def test_declared_tables_make_up_one_table(read: Read, name: str) -> None:
    reading = read(document().encode(), name, **KEYS)
    assert codes(reading) == set()
    source = reading.source_file
    assert (source["layout"], source["rows_read"], source["rows_loaded"]) == ("html_tables", 33, 32)
    assert source["rows_set_aside"] == 1, "only the header: text and other tables are no rows"
    cells = {r["cell"]: r for r in reading.observation}
    assert len(cells) == 96
    last = cells["3:14:4"]
    assert (last["entity_code"], last["year"], last["raw"], last["row"]) == (650000, 2012, "83.02", 33)
    assert cells["1:3:2"]["entity_code"] == 110000
    assert cells["1:2:2"]["entity_level"] == "nation"


def test_gbk_and_an_xml_declaration(read: Read) -> None:
    text = '<?xml version="1.0" encoding="gbk"?>' + document()
    assert len(read(text.encode("gbk"), "a.html", **KEYS).observation) == 96


def test_a_fused_header_is_refused_with_its_cell_until_it_is_declared(read: Read) -> None:
    content = document(["", "2010", "2011 2012", ""]).encode()
    reading = read(content, "a.md", **KEYS)
    assert codes(reading) == {"header_cell"}
    assert "cell 1:1:3" in str(reading.source_file["problem"])
    assert "2011 2012" in str(reading.source_file["problem"])
    declared = read(content, "a.md", header=HEADER, **KEYS)
    assert codes(declared) == set()
    assert {r["header"] for r in declared.observation} == {"2010", "2011", "2012"}


def test_a_declared_header_of_another_length(read: Read) -> None:
    reading = read(document().encode(), "a.md", header=HEADER[:-1], **KEYS)
    assert codes(reading) == {"header_width"}
    assert not reading.observation


def test_two_numbers_in_a_cell_and_an_empty_one(read: Read) -> None:
    fused = {
        (5, 2): "",
        (6, 2): "88.6 92.3",
        (7, 2): "88.6<br>92.3",
        (8, 2): "<p>88.6</p><p>92</p>",
        (9, 2): "99.8 100",
    }
    reading = read(document(cells=fused).encode(), "a.md", **KEYS)
    assert codes(reading) == {"not_a_number"}
    assert {(r["cell"], r["raw"]) for r in reading.rejected_row} == {
        ("1:9:4", "88.6 92.3"), ("1:10:4", "88.6 92.3"), ("1:11:4", "88.6 92"), ("1:12:4", "99.8 100"),
    }  # fmt: skip
    assert [r["cell"] for r in reading.missing_cell] == ["1:8:4"]
    assert {r["cell"] for r in reading.refused_cell} == {"1:9:4", "1:10:4", "1:11:4", "1:12:4"}


def test_comments_in_a_cell_are_not_read(read: Read) -> None:
    reading = read(document(cells={(0, 0): "81.<!-- 5 -->5"}).encode(), "a.md", **KEYS)
    assert codes(reading) == {"not_a_number"}, "two pieces of text stay apart"


def test_a_row_that_lost_a_cell_is_refused(read: Read) -> None:
    reading = read(document(r5=row(["辽宁", "95.1", "95.4"])).encode(), "a.md", **KEYS)
    assert codes(reading) == {"row_width"}
    assert [(r["row"], r["cell"]) for r in reading.rejected_row] == [(8, "")]
    assert "1:8:1" in reading.rejected_row[0]["reason"]
    assert len(reading.observation) == 93


def test_a_repeated_header_is_set_aside(read: Read) -> None:
    content = document().replace("<tbody>", "<tbody>" + row(HEADER)).encode()
    reading = read(content, "a.md", **KEYS)
    assert codes(reading) == set()
    assert reading.source_file["rows_set_aside"] == 2


@pytest.mark.parametrize("span", ['rowspan="2"', "colspan=3"])
def test_spanning_cells_are_refused(read: Read, span: str) -> None:
    content = document().replace("<td>北京</td>", f"<td {span}>北京</td>").encode()
    reading = read(content, "a.md", **KEYS)
    assert codes(reading) == {"spanned_cell"}
    assert "1:3:1" in str(reading.source_file["problem"])
    assert not reading.observation


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({"tables": []}, "tables_not_declared"),
        ({"tables": [1, 4]}, "no_such_table"),
        ({"tables": [0]}, "no_such_table"),
        ({"tables": [1, 1]}, "no_such_table"),
        ({"tables": [1]}, "missing_provinces"),
        ({"tables": [1, 2]}, "second_header"),
        ({"tables": [1, 3, 2]}, "second_header"),
        ({"indicator": None}, "no_indicator"),
        ({"unit": None}, "no_unit"),
        ({"unit": "万人"}, "wrong_quantity"),
        ({"layout": None}, "no_layout"),
        ({"layout": "long_panel"}, "layout_mismatch"),
    ],
)
def test_wrong_declarations(read: Read, keys: dict[str, Any], code: str) -> None:
    reading = read(document().encode(), "a.md", **{**KEYS, **keys})
    assert code in codes(reading)
    assert not reading.observation


def test_undeclared_tables_are_listed_with_their_first_cells(read: Read) -> None:
    reason = str(read(document().encode(), "a.md", layout="html_tables").source_file["problem"])
    assert "1: 19 rows" in reason
    assert "分类 | 平均值 标准差" in reason


def test_a_document_without_tables(read: Read) -> None:
    assert codes(read("# 文字\n".encode(), "a.md", **KEYS)) == {"no_such_table"}
    assert codes(read(b"<table></table>", "a.html", **{**KEYS, "tables": [1]})) == {"empty_file"}
