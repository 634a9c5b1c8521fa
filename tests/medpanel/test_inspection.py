"""What `inspect` proposes for files nobody declared: found in the cells, tried out, else blank."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml

from catalog import Sources, load_provinces, load_registry
from ingestion import read_file
from medpanel.inspection.doubts import doubts
from medpanel.inspection.proposing import propose
from medpanel.templates import cities_template, keywords_template, mapping_template, pilots_template
from medpanel.templates.workbook import template_bytes

SURVEY = ["newID", "C1", "C2", "C3", "q101j1a", "q101j1b", "q101l1", "q101m1y", "q101m1m", "w_l"]
CITIES = ("石家庄市", "唐山市", "太原市", "大同市", "沈阳市", "大连市", "长春市", "哈尔滨市", "南京市", "无锡市")


def proposed(path: Path) -> list[str]:
    return list(propose(path.parent, path, load_registry()).entry)


def entry(path: Path, blank: str = "x") -> dict[str, object]:
    """The proposal as a parsed entry, its blanks filled with `blank`."""
    lines = proposed(path)
    [parsed] = yaml.safe_load("\n".join(["- " + lines[0], *("  " + line for line in lines[1:])]).replace("…", blank))
    return dict(parsed)


def province_panel(path: Path) -> Path:
    rows = [
        {"省份": p.short_zh, "年份": year, "地区生产总值(亿元)": 2000 + n, "幸福指数": 5.5}
        for n, p in enumerate(load_provinces())
        for year in (2019, 2020)
    ]
    pd.DataFrame(rows).to_csv(path, index=False, encoding="gbk")
    return path


def test_a_panel_is_proposed_with_its_columns_and_loads_once_completed(tmp_path: Path) -> None:
    path = province_panel(tmp_path / "panel.csv")
    found = entry(path)
    assert (found["layout"], found["entity_column"], found["year_column"]) == ("long_panel", "省份", "年份")
    assert found["columns"] == {
        "地区生产总值(亿元)": {"indicator": "gdp", "unit": "亿元"},
        "幸福指数": {"indicator": "x", "unit": "x"},
    }
    del found["columns"]
    found |= {"vintage": "v", "publisher": "p", "licence": "l", "other_columns": "refuse"}
    sources = Sources(data_kind="real", studies=(), vintages=("v",), files=(found,))
    reading = read_file(tmp_path, path, sources, load_registry())
    assert len(reading.observation) == 62


def test_a_panel_of_cities_is_told_from_one_of_provinces(tmp_path: Path) -> None:
    path = tmp_path / "cities.csv"
    pd.DataFrame({"city": CITIES, "year": 2020, "x": range(10)}).to_csv(path, index=False)
    found = entry(path)
    assert found["panel"] == {"entity_level": "city"}
    assert found["entity_column"] == "city"


def test_of_flows_neither_direction_nor_ends_nor_unit_are_proposed(tmp_path: Path) -> None:
    path = tmp_path / "flows.csv"
    pd.DataFrame({"origin": CITIES, "dest": CITIES[::-1], "num": range(10)}).to_csv(path, index=False)
    found = entry(path)
    assert found["layout"] == "flow_edges"
    blank = dict.fromkeys(("network", "direction", "origin", "destination", "unit", "period"), "x")
    assert found["flow"] == blank | {"weight": "num"}


def test_survey_microdata_are_known_by_their_variables(tmp_path: Path) -> None:
    path = tmp_path / "cmds.dta"
    pd.DataFrame({name: ["1"] for name in SURVEY}).to_stata(path, write_index=False)
    found = entry(path)
    assert found["layout"] == "cmds"
    assert found["survey"] == {"wave": 2017, "fields": "cmds_2017"}


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a,b\n1,2\n", b"PK\x03\x04broken"])
def test_of_a_file_that_shows_nothing_only_the_blanks_are_proposed(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    assert set(entry(path)) == {"match", "vintage", "publisher", "licence", "accessed"}


def test_a_proposal_matches_its_file_and_no_other(tmp_path: Path) -> None:
    path = province_panel(tmp_path / "a[1] 表.csv")
    assert entry(path)["match"] == "a[[]1] 表.csv"


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_no_panel_is_proposed_for_a_table_without_figures(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"pilots{suffix}"
    frame = pd.DataFrame({"city_name": CITIES, "pilot_year": 2012, "batch": "第一批"})
    frame.to_csv(path, index=False) if suffix == ".csv" else frame.to_excel(path, index=False)
    assert set(entry(path)) == {"match", "vintage", "publisher", "licence", "accessed"}


TEMPLATES = {"pilots": pilots_template(2020), "cities": cities_template(2020), "keywords": keywords_template(2012)}


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_template_is_recognised_also_under_another_name_and_before_it_is_filled_in(tmp_path: Path, kind: str) -> None:
    made = TEMPLATES[kind]
    path = tmp_path / "另存为.xlsx"
    path.write_bytes(template_bytes(made))
    found = propose(tmp_path, path, load_registry())
    [own] = yaml.safe_load("\n".join(made.entry).replace("…", "x"))
    said = {key: value for key, value in entry(path).items() if key not in {"match", "accessed"}}
    assert said == {key: value for key, value in own.items() if key not in {"match", "accessed"}}
    assert {record["code"] for record in found.reading.rejected_row} == {"nothing_filled"}


def test_a_mapping_is_told_where_it_belongs(tmp_path: Path) -> None:
    path = tmp_path / "m.xlsx"
    path.write_bytes(template_bytes(mapping_template()))
    [line] = propose(tmp_path, path, load_registry()).entry
    assert line.startswith("mapping: m.xlsx    # in the entry of the table it describes")


def test_a_unit_that_fits_better_is_a_warning(tmp_path: Path) -> None:
    """Where the figures would be possible in either unit."""
    path = province_panel(tmp_path / "panel.csv")
    reading = propose(tmp_path, path, load_registry()).reading
    assert not any("would rather" in text.en for texts in doubts([reading]).values() for text in texts)
    small = [{**record, "value": 20.5 + n / 100, "raw_unit": "万元"} for n, record in enumerate(reading.observation)]
    [[text]] = doubts([replace(reading, observation=small)]).values()
    assert text.en == "gdp: the figures, read in 万元, would rather be in 亿元; check the unit"
    assert text.zh == "地区生产总值：按“万元”读取，但数值更像以“亿元”为单位；请核对单位"
