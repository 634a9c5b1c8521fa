"""A workspace at any path is read as it is: no name of a folder is a pattern, a column, or SQL."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from catalog.base import CatalogError
from ingestion.paths import one_file
from medpanel.changes.both import NOW, side_by_side
from medpanel.publishing.tables import parquet
from medpanel.runs.warehouse import connect, literal, show_lake
from medpanel.runs.workspace import Workspace

NAMES = [
    "数据 年度", "it's", 'say "q"', "a#b", "100%20", "$(id)", "`id`", "a;b--c", "a\nb", "a\\b", "{x,y}", "year=2024",
    "[1]", "a*b", "[!a]", "**", "-x", "~",
]  # fmt: skip


@pytest.fixture(params=NAMES, ids=ascii)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A lake of one row, beside others whose names its own would fit as a pattern."""
    for name in ("1", "aXb", "b", "x", request.param):
        lake = tmp_path / name / "lake"
        lake.mkdir(parents=True)
        pd.DataFrame({"year": [1999], "value": [name]}).to_parquet(lake / "observation.parquet")
    return tmp_path / str(request.param)


def test_the_lake_is_that_of_the_workspace(folder: Path) -> None:
    show_lake(folder / "work" / "warehouse.duckdb", folder / "lake")
    with connect(folder / "work" / "warehouse.duckdb") as connection:
        assert connection.execute("FROM lake.observation").fetchall() == [(1999, folder.name)]


def test_files_of_publications_are_those_named(folder: Path) -> None:
    file = folder / "lake" / "observation.parquet"
    assert duckdb.sql(f"FROM {parquet(file)}").fetchall() == [(1999, folder.name)]
    with side_by_side(None, None, folder / "lake") as both:
        assert both.connection.execute(f"FROM {NOW}.observation").fetchall() == [(1999, folder.name)]


def test_a_plain_path_is_what_the_pattern_is_not(tmp_path: Path) -> None:
    """The control: DuckDB takes the plain path for a pattern, and the folder's name for a year."""
    for name in ("a*b", "aXb", "year=2024"):
        (tmp_path / name).mkdir()
        pd.DataFrame({"year": [1999]}).to_parquet(tmp_path / name / "t.parquet")
    star, year = tmp_path / "a*b" / "t.parquet", tmp_path / "year=2024" / "t.parquet"
    assert len(duckdb.sql(f"FROM read_parquet({literal(str(star))})").fetchall()) == 2
    assert len(duckdb.sql(f"FROM read_parquet({literal(one_file(star))})").fetchall()) == 1
    assert duckdb.sql(f"FROM read_parquet({literal(str(year))})").fetchall() == [(2024,)]


@pytest.mark.parametrize("name", ["what?", "a*", "[2024]", "100%20"])
def test_a_folder_that_databases_and_dagster_cannot_work_in_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CatalogError, match=r"must not contain \S+; use another folder / .*请改用其他文件夹"):
        Workspace.at(tmp_path / name)


@pytest.mark.parametrize(
    "name",
    ["数据 年度", "it's", 'say "q"', "a#b", "100% x", "$(id)", "`id`", "a;b", "a\\b", "x]", "a\nb", "{x}", "y=1"],
)
def test_every_other_folder_may_be_a_workspace(tmp_path: Path, name: str) -> None:
    assert Workspace.at(tmp_path / name).root == tmp_path / name
