"""Panels whose rows name no province, and figures another table flags as filled in."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from catalog import load_provinces, load_registry, load_sources
from catalog.base import PROJECT_DIR
from ingestion import FileReading, read_file
from tests.ingestion.conftest import PROVINCES, codes, declared

Read = Callable[..., FileReading]
ORDER = [*PROVINCES[1:], PROVINCES[0]]
ORDERED: dict[str, Any] = {
    "layout": "long_panel",
    "entity_column": "no",
    "year_column": "year",
    "panel": {"entity_order": ORDER},
    "columns": {"gdp": {"indicator": "gdp", "unit": "亿元"}},
}


def blocks(edit: Callable[[list[list[str]]], object] = lambda rows: None, running: bool = True) -> bytes:
    rows = [
        [str(block * 31 + i + 1 if running else i + 1), str(2018 + block), f"{1000 + i}.5"]
        for block in range(2)
        for i in range(31)
    ]
    edit(rows)
    return ("no,year,gdp\n" + "\n".join(",".join(row) for row in rows) + "\n").encode()


@pytest.mark.parametrize("running", [True, False])
def test_rows_without_names_are_read_in_the_declared_order(read: Read, running: bool) -> None:
    reading = read(blocks(running=running), **ORDERED)
    assert codes(reading) == set()
    cells = {r["cell"]: (r["entity_code"], r["year"]) for r in reading.observation}
    by_name = {p.name_zh: p.province_code for p in load_provinces()}
    assert cells["C2"] == (by_name[ORDER[0]], 2018)
    assert cells["C33"] == (by_name[ORDER[0]], 2019)
    assert cells["C63"] == (by_name[ORDER[-1]], 2019)
    assert len(cells) == 62


@pytest.mark.parametrize(
    ("edit", "code", "place"),
    [
        (lambda rows: rows.pop(), "order_block", "B62"),
        (lambda rows: rows.pop(4), "order_number", "A6"),
        (lambda rows: rows.__setitem__(3, [*rows[3][:1], "2017", *rows[3][2:]]), "order_block", "B5"),
        (lambda rows: [row.__setitem__(1, "2018") for row in rows], "order_block", "B33"),
        (lambda rows: rows.__setitem__(slice(2, 4), [rows[3], rows[2]]), "order_number", "A4"),
    ],
)
def test_a_block_that_is_not_whole_refuses_the_file(read: Read, edit: Any, code: str, place: str) -> None:
    reading = read(blocks(edit), **ORDERED)
    assert codes(reading) == {code}
    assert f"cell {place}" in str(reading.source_file["problem"])
    assert not reading.observation


@pytest.mark.parametrize("order", [ORDER[:-1], [*ORDER[:-1], ORDER[0]], [*ORDER[:-1], "某省"]])
def test_an_order_that_is_not_every_province_once_is_no_declaration(order: list[str]) -> None:
    with pytest.raises(ValueError, match="entity_order"):
        declared(panel={"entity_order": order})


def test_the_declared_order_of_the_real_file_is_that_of_the_workbook_beside_it(
    real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDPANEL_REAL_DATA", str(real_data))
    sources, root = load_sources(PROJECT_DIR / "catalog" / "inputs" / "real.yaml")
    folder = root / "province" / "mingminm"
    source = sources.find("province/mingminm/数字经济指标各省面板数据.xlsx")
    assert source is not None
    assert source.panel is not None
    other = [
        list(row) for row in openpyxl.load_workbook(folder / "数字经济规模.xlsx").active.iter_rows(values_only=True)
    ]
    assert [row[1] for row in other[1:]] == list(source.panel.entity_order)
    panel = openpyxl.load_workbook(folder / "数字经济指标各省面板数据.xlsx").active.iter_rows(values_only=True)
    column = [row[2] for row in panel][1:]
    assert column == [row[3 + year] for year in range(20) for row in other[1:]]


FLAGGED: dict[str, Any] = {
    "layout": "long_panel",
    "entity_column": "省份",
    "year_column": "年份",
    "panel": {"filled_flags": {"file": "flags/f.csv", "suffix": " filled"}},
}


def figures() -> str:
    rows = [f"{name},{year},{1000 + i},{500 + i}" for i, name in enumerate(PROVINCES) for year in (2018, 2019)]
    return "\n".join(["省份,年份,总人口(万人),城镇人口(万人)", *rows]) + "\n"


def flags(edit: Callable[[list[str]], object] = lambda lines: None) -> str:
    lines = ["年份,省份,总人口(万人) filled,城镇人口(万人) filled"]
    lines += [f"{year},{name},False,False" for name in reversed(PROVINCES) for year in (2019, 2018)]
    edit(lines)
    return "\n".join(lines) + "\n"


def read_flagged(folder: Path, text: str | None) -> FileReading:
    (folder / "a.csv").write_text(figures(), encoding="utf-8")
    (folder / "flags").mkdir(exist_ok=True)
    if text is not None:
        (folder / "flags" / "f.csv").write_text(text, encoding="utf-8")
    return read_file(folder, folder / "a.csv", declared(**FLAGGED), load_registry())


def test_filled_cells_are_refused_and_counted(tmp_path: Path) -> None:
    assert len(read_flagged(tmp_path, flags()).observation) == 124

    def mark(lines: list[str]) -> None:
        lines[2] = lines[2].replace("False,False", "True,False")

    reading = read_flagged(tmp_path, flags(mark))
    assert codes(reading) == {"filled_cell"}
    [refused] = reading.rejected_row
    # The last province of the list, 2018: its row is found by name and year, not by its place.
    assert (refused["cell"], refused["row"]) == ("C62", 62)
    assert "flags/f.csv C3" in refused["reason"]
    assert len(reading.observation) == 123
    assert reading.source_file["cells_rejected"] == 1


@pytest.mark.parametrize(
    ("edit", "found"),
    [
        (lambda lines: lines.pop(), "110000 2018"),
        (lambda lines: lines.append(lines[1]), "twice"),
        (lambda lines: lines.__setitem__(0, lines[0].replace("城镇人口", "人口")), "城镇人口(万人) filled"),
        (lambda lines: lines.__setitem__(5, lines[5].replace("False,False", "no,False")), "C6: no"),
    ],
)
def test_flags_that_do_not_cover_the_figures_refuse_the_file(tmp_path: Path, edit: Any, found: str) -> None:
    reading = read_flagged(tmp_path, flags(edit))
    assert codes(reading) == {"flags_missing"}
    assert found in str(reading.source_file["problem"])
    assert not reading.observation


def test_absent_flags_refuse_the_file(tmp_path: Path) -> None:
    assert codes(read_flagged(tmp_path, None)) == {"companion_missing"}


@pytest.mark.parametrize("file", ["../f.csv", "/f.csv"])
def test_flags_outside_the_input_folder_are_no_declaration(file: str) -> None:
    with pytest.raises(ValueError, match="outside"):
        declared(**{**FLAGGED, "panel": {"filled_flags": {"file": file}}})


def test_a_changed_table_of_flags_has_the_file_read_again(tmp_path: Path) -> None:
    from ingestion.companions import companions_key

    read_flagged(tmp_path, flags())
    source = declared(**FLAGGED).find("a.csv")
    before = companions_key(tmp_path / "a.csv", tmp_path, source)
    read_flagged(tmp_path, flags(lambda lines: lines.append("")))
    assert before and companions_key(tmp_path / "a.csv", tmp_path, source) != before


def test_workbooks_are_read_in_order_too(read: Read) -> None:
    book = openpyxl.Workbook()
    for line in blocks().decode().splitlines():
        cells = line.split(",")
        book.active.append(cells if cells[0] == "no" else [float(cell) for cell in cells])
    stream = io.BytesIO()
    book.save(stream)
    assert len(read(stream.getvalue(), "a.xlsx", **ORDERED).observation) == 62


PRINTED: dict[str, Any] = {
    "layout": "long_panel",
    "entity_column": "省份",
    "year_column": "年份",
    "panel": {"printed_derived": [{"header": "人均GDP", "indicator": "gdp_per_capita", "unit": "元/人"}]},
    "columns": {
        "GDP": {"indicator": "gdp", "unit": "亿元"},
        "人口": {"indicator": "resident_population", "unit": "万人"},
    },
}


def economy(edit: Callable[[list[str]], object] = lambda lines: None) -> bytes:
    """25,000 yuan a head in every province."""
    lines = [
        "省份,年份,GDP,人口,人均GDP",
        *(f"{name},2019,{1000 + 10 * i},{400 + 4 * i},25400" for i, name in enumerate(PROVINCES)),
    ]
    edit(lines)
    return ("\n".join(lines) + "\n").encode()


def test_figures_that_give_what_is_printed_are_read(read: Read) -> None:
    reading = read(economy(), **PRINTED)
    assert codes(reading) == set()
    assert len(reading.observation) == 62


def test_figures_that_contradict_what_is_printed_are_refused(read: Read) -> None:
    def edit(lines: list[str]) -> None:
        lines[3] = lines[3].replace("1020", "102")
        lines[4] = lines[4].replace("25400", "")
        lines[5] = lines[5].replace("1040", "")

    reading = read(economy(edit), **PRINTED)
    assert codes(reading) == {"contradicting_derived"}
    assert {r["cell"] for r in reading.rejected_row if r["cell"]} == {"C4", "D4"}
    assert "25400 (E4), 2500, 1.5" in str(reading.source_file["problem"])
    assert len(reading.observation) == 59


@pytest.mark.parametrize(
    "printed",
    [
        {"header": "人均GDP", "indicator": "gdp"},
        {"header": "人均GDP", "indicator": "gdp_per_capita", "unit": "万人"},
        {"header": "人均GDP", "indicator": "gdp_per_capita", "factor": 1},
    ],
)
def test_what_is_checked_by_must_be_derived(printed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"printed_derived|measures|factor"):
        declared(**{**PRINTED, "panel": {"printed_derived": [printed]}})
