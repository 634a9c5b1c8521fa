"""What the exposure shows: names and titles from the study file, years of the study, a map on polygons."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from catalog import load_studies
from catalog.parts.exposure import MapSpec, Options
from models_py.parts.exposure.part import PART
from models_py.parts.frame import Seen
from tests.medpanel.report.fabricated import results, seen, squares

MAP, OVER_TIME = PART.shows


@pytest.fixture
def options() -> Options:
    return load_studies()["mspi"].options(Options)


@pytest.fixture
def view() -> Seen:
    return seen("real", tables={"smart_exposure": results()["smart_exposure"]})


def test_the_map_is_called_as_a_paper_prints_it(options: Options, view: Seen) -> None:
    [picture] = MAP.make(view, options)
    [(name, title)] = MAP.titled(view.study, options)
    assert (picture.stem, picture.title) == (name, title) == ("figure_1", title)
    assert title.en == "Figure 1. Smart-city exposure by province" and title.zh.startswith("图1  ")
    plain = options.model_copy(update={"map": MapSpec()})
    [picture] = MAP.make(view, plain)
    assert [(picture.stem, picture.title)] == MAP.titled(view.study, plain)
    assert picture.stem == "exposure_map" and picture.title.en == "Smart-city exposure by province"


def test_no_map_where_none_is_asked_for(options: Options, view: Seen) -> None:
    without = options.model_copy(update={"map": None})
    assert list(MAP.make(view, without)) == MAP.titled(view.study, without) == []
    assert [picture.stem for picture in OVER_TIME.make(view, without)] == ["exposure_over_time"]


def test_the_users_polygons_make_a_second_map(options: Options, view: Seen) -> None:
    tiles, drawn = MAP.make(replace(view, boundary=squares("GS(2026)0000号")), options)
    assert (tiles.stem, drawn.stem) == ("figure_1", "figure_1_map")
    assert drawn.title.en == f"{tiles.title.en} (map)"
    assert "Approval number: GS(2026)0000号." in " ".join(note.en for note in drawn.figure.notes)
    [alone] = MAP.make(replace(view, boundary=squares().iloc[:0]), options)
    assert alone.stem == "figure_1"


def test_years_outside_the_study_are_not_shown(options: Options, view: Seen) -> None:
    """The year before the window is there for lags alone."""
    assert set(results()["smart_exposure"]["year"]) == set(range(2012, 2025))
    [picture] = MAP.make(view, options)
    assert set(picture.figure.data["year"]) == set(range(2013, 2025))


def test_nothing_is_shown_without_rows(options: Options, view: Seen) -> None:
    for tables in ({}, {"smart_exposure": pd.DataFrame()}, {"smart_exposure": results()["smart_exposure"].iloc[:0]}):
        empty = replace(view, tables=tables)
        assert [made for show in PART.shows for made in show.make(empty, options)] == []
