"""Names of before: a view keeps them for one release, and not longer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from catalog.base import CatalogError
from catalog.indicators import RenamedFrom
from catalog.tables import Table, load_tables
from medpanel import __version__
from medpanel.publishing import Publication, publish
from medpanel.publishing.renamed import renamed_views
from medpanel.publishing.withheld import withhold

Read = Callable[[Path, str], list[tuple[Any, ...]]]


def renamed(table: str, before: str | None, **columns: str) -> Table:
    """A table of the catalog as if it, and columns (new=old), had been renamed; kept up to this release."""
    declared = load_tables()[table]
    named = {
        name: column.model_copy(update={"renamed_from": RenamedFrom(name=columns[name], until=__version__)})
        if name in columns
        else column
        for name, column in declared.columns.items()
    }
    old = RenamedFrom(name=before, until=__version__) if before else None
    return declared.model_copy(update={"columns": named, "renamed_from": old})


def test_no_declaration_of_today_has_outlived_its_release() -> None:
    renamed_views()


def test_a_published_file_has_the_old_names_beside_the_new(
    publication: Publication, read: Read, monkeypatch: pytest.MonkeyPatch, edit: Callable[[str], None]
) -> None:
    edit(
        "INSERT INTO barred_figure BY NAME SELECT 'province_year' AS table_name, 'gdp' AS series, 'dfiic' AS vintage, "
        "'PKU' AS publisher, 'no redistribution' AS licence, 1 AS files"
    )
    monkeypatch.setitem(load_tables(), "pilot", renamed("pilot", "pilot_place", unit_name="place"))
    monkeypatch.setitem(load_tables(), "province_year", renamed("province_year", None, gdp="grp"))
    folder = publish(publication)
    before = 'SELECT programme, batch, unit_code, place FROM "pilot_place" ORDER BY ALL'
    assert read(folder, before) == read(folder, "SELECT programme, batch, unit_code, unit_name FROM pilot ORDER BY ALL")
    grp = "SELECT province_code, year, grp FROM province_year_before ORDER BY ALL"
    assert read(folder, grp) == read(folder, "SELECT province_code, year, gdp FROM province_year ORDER BY ALL")
    [(text,)] = read(folder, "SELECT comment FROM duckdb_views() WHERE view_name = 'pilot_place'")
    assert f"until release {__version__}" in text and f"保留至 {__version__} 版" in text
    listed = "SELECT description FROM data_dictionary WHERE table_name = 'province_year_before' AND column_name = 'grp'"
    assert read(folder, listed) == [(load_tables()["province_year"].columns["gdp"].en,)]
    assert not (folder / "parquet" / "pilot_place.parquet").exists()
    with duckdb.connect(str(folder / "medpanel.duckdb"), read_only=True) as connection:
        shown = "SELECT count(grp) FROM province_year_before"
        assert connection.sql(shown).fetchall() != [(0,)]
        withhold(connection)
        assert connection.sql(shown).fetchall() == [(0,)]


def test_an_old_name_is_refused_once_its_release_has_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(load_tables(), "pilot", renamed("pilot", None, unit_name="place"))
    [kept] = renamed_views(version=__version__)
    assert (kept.name, kept.of) == ("pilot_before", ("pilot",))
    with pytest.raises(
        CatalogError, match=r"pilot\.unit_name: renamed_from keeps the name 'place' until release"
    ) as told:
        renamed_views(version=f"{__version__}.1")
    assert f"{__version__}.1; expected a release no later; remove renamed_from" in str(told.value)
    assert "请删除 renamed_from" in str(told.value)
    monkeypatch.setitem(load_tables(), "pilot", renamed("pilot", "lists"))
    with pytest.raises(CatalogError, match="pilot: renamed_from keeps the name 'lists'"):
        renamed_views(version="10.0")


@pytest.mark.parametrize(
    ("table", "columns", "name"),
    [("city", {}, "city"), ("v_trace", {}, "v_trace"), (None, {"unit_name": "unit_code"}, "unit_code")],
)
def test_an_old_name_in_use_is_refused(
    monkeypatch: pytest.MonkeyPatch, table: str | None, columns: dict[str, str], name: str
) -> None:
    monkeypatch.setitem(load_tables(), "pilot", renamed("pilot", table, **columns))
    with pytest.raises(CatalogError, match=f"pilot: renamed_from: the name '{name}' is that of another") as told:
        renamed_views(("v_trace",))
    assert "重名" in str(told.value)


def test_two_tables_cannot_have_had_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for table in ("pilot", "city"):
        monkeypatch.setitem(load_tables(), table, renamed(table, "places"))
    with pytest.raises(CatalogError, match="the name 'places'"):
        renamed_views()


@pytest.mark.parametrize(
    "wrong", [{"name": "Old Name", "until": "1.0"}, {"name": "old", "until": "next"}, {"name": "old"}]
)
def test_a_declaration_needs_a_name_and_a_release(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"until|name"):
        RenamedFrom.model_validate(wrong)
