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
        ({"years": [2013, 2014], "unit": "planet"}, "unknown unit 'planet'; known: province, city, county"),
        ({"years": [2013, 2014], "entities": 31}, "entities"),
    ],
)
def test_panels_that_are_none(panel: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        PanelSpec.model_validate(panel)


def test_a_panel_is_one_of_provinces_unless_it_says_otherwise() -> None:
    assert PanelSpec(years=(2013, 2013)).unit == "province"
    assert PanelSpec(unit="county", years=(2013, 2020), provisional_years=(2020,)).provisional_years == (2020,)
