"""Layouts and messages are found by being there; the order of asking is the layouts' own."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

import pytest

from ingestion.readers import EVERY_LAYOUT, FILE_LAYOUTS, LAYOUTS, layouts_of
from ingestion.readers.base import LAST, FileLayout, Layout

FILES_ASKED = (
    "pair_distances", "spatial_weights", "map_json", "online_doctors", "work_report", "cmds", "map_rda",
    "dialect_rdata", "flow_edges", "flow_amap_year", "flow_matrix", "flow_cells", "flow_json", "flow_scale",
)  # fmt: skip
GRIDS_ASKED = (
    "pilot_list", "division_list", "division_history", "dialect_table", "dialect_columns", "nbs_export",
    "nbs_export_2026", "nbs_export_cut", "nbs_region", "nbs_transposed", "nbs_one_year", "yearbook_workbook",
    "provinces_across", "indicator_rows", "ordered_rows", "long_panel", "html_tables", "mapped",
)  # fmt: skip


def module(name: str, **content: object) -> ModuleType:
    made = ModuleType(name)
    vars(made).update(content)
    return made


def layout(name: str, asked: int = LAST) -> Layout:
    return Layout(name, name, name, lambda grid: False, lambda grid, source, tally: None, asked=asked)


def test_layouts_are_asked_in_their_declared_order() -> None:
    for asked, before in ((FILE_LAYOUTS, FILES_ASKED), (LAYOUTS, GRIDS_ASKED)):
        # A layout added since may stand anywhere.
        known = [one for one in asked if one.name in before]
        assert tuple(one.name for one in known) == before
        # Their order is declared, none is left to the names.
        assert len({one.asked for one in known}) == len(before) and max(one.asked for one in known) < LAST


def test_files_are_asked_before_what_is_in_them() -> None:
    assert (*FILE_LAYOUTS, *LAYOUTS) == EVERY_LAYOUT
    assert all(isinstance(one, FileLayout) for one in FILE_LAYOUTS)


def test_a_layout_that_does_not_say_when_comes_last_by_name() -> None:
    zebra, ant, early = layout("zebra"), layout("ant"), layout("early", 5)
    assert layouts_of([module("a", one=zebra, two=ant), module("b", three=early)]) == (early, ant, zebra)


def test_a_layout_another_module_imports_is_one_layout() -> None:
    one = layout("one")
    assert layouts_of([module("a", ONE=one), module("b", ONE=one)]) == (one,)


def test_two_layouts_of_one_name_are_an_error_that_names_both_modules() -> None:
    one = layout("same")
    with pytest.raises(ValueError, match=r"called same: in readers\.a and readers\.b"):
        layouts_of([module("readers.a", ONE=one), module("readers.b", OTHER=replace(one, title_en="another"))])
