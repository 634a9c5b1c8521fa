"""Units of panels and the panel a study declares."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from catalog import load_tables
from catalog.panels import PanelSpec, load_units


def test_units_have_names_in_both_languages_and_tables_that_exist() -> None:
    units = load_units()
    assert {"province", "city", "county"} <= set(units)
    tables = load_tables()
    for name, unit in units.items():
        assert unit.id == name
        for text in (unit.one, unit.many):
            assert text.en.isascii() and any("\u4e00" <= char <= "\u9fff" for char in text.zh), name
        for table in (unit.figures, unit.entities):
            assert table is None or unit.code_column in tables[table].columns, (name, table)


def test_a_unit_without_tables_is_handed_in() -> None:
    county = load_units()["county"]
    assert (county.figures, county.alternatives, county.entities) == (None, None, None)


@pytest.mark.parametrize(
    ("panel", "message"),
    [
        ({}, "years"),
        ({"years": [2013, 2012]}, r"years must be \[first, last\]"),
        ({"years": [2013]}, "years"),
        ({"years": [2013, 2014], "provisional_years": [2015]}, "provisional_years must lie in 2013-2014"),
        ({"years": [2013, 2014], "unit": "planet"}, "unknown panel unit 'planet'; known: province, city, county"),
        ({"years": [2013, 2014], "entities": 31}, "entities"),
    ],
)
def test_panels_that_are_none(panel: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        PanelSpec.model_validate(panel)


def test_a_panel_is_one_of_provinces_unless_it_says_otherwise() -> None:
    assert PanelSpec(years=(2013, 2013)).unit == "province"
    assert PanelSpec(unit="county", years=(2013, 2020), provisional_years=(2020,)).provisional_years == (2020,)


def test_an_open_panel_holds_every_year_from_its_first_on() -> None:
    spec = PanelSpec.model_validate({"years": [2013, "latest"], "provisional_years": "latest"})
    assert spec.open and spec.holds(2013, 2050) and not spec.holds(2012)
    settled = spec.until(2024)
    assert settled == PanelSpec(years=(2013, 2024), provisional_years=(2024,))
    assert not settled.open and not settled.holds(2025)


def test_provisional_years_of_a_declared_panel_may_be_its_last() -> None:
    assert PanelSpec(years=(2013, 2024), provisional_years="latest").provisional == (2024,)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"years": [2013, "last"]}, "latest"),
        ({"years": ["latest", 2024]}, "integer"),
        ({"years": [1900, "latest"]}, "none of statistics"),
        ({"years": [2013, "latest"], "provisional_years": [2012]}, "provisional_years must lie in 2013-latest"),
        ({"years": [2024, 2024], "provisional_years": "latest"}, "are all years"),
    ],
)
def test_years_that_cannot_be_settled_are_refused(entry: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        PanelSpec.model_validate(entry)
