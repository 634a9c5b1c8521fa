"""What `inspect` proposes for files nobody declared: found in the cells, tried out, else blank."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

from catalog import Sources, load_provinces, load_registry
from ingestion import read_file
from medpanel.inspection.proposing import propose

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
