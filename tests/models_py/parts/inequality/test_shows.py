"""What the part shows: both languages, marks of synthetic data, nothing without rows, panels that lack something."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from catalog.parts.inequality import Options
from medpanel.report.charts import chart_of
from models_py.figures.show import LANGS, Picture
from models_py.figures.style import FigureError
from models_py.figures.table import ReportTable
from models_py.panel import ENTITY, province_panel
from models_py.parts.frame import Seen
from models_py.parts.inequality.figure_density import thermal_map
from models_py.parts.inequality.figure_series import gini_over_time, lorenz_curves
from models_py.parts.inequality.part import PART
from models_py.parts.inequality.texts import gini_class, trend
from tests.medpanel.report.fabricated import squares
from tests.models_py.figures.boxes import faults
from tests.models_py.figures.reading import CHINESE, drawn_texts, everything
from tests.models_py.parts.inequality.resources import (
    CITIES,
    CITY_PANEL,
    PANEL,
    Frames,
    figures,
    good,
    made,
    options,
    study,
)
from tests.models_py.parts.test_other_units import OF_PROVINCES

SHOWS = {show.name: show for show in PART.shows}
FIGURES = [
    "gini_over_time_population",
    "gini_over_time_area",
    "lorenz_curves_population",
    "lorenz_curves_area",
    "density_beds",
    "density_map_beds",
]


def seen(tables: Frames, data_kind: str = "synthetic", **changes: Any) -> Seen:
    return Seen(study(), changes.pop("panel", PANEL), tables, data_kind, **changes)


def shown(view: Seen, asked: Options | None = None) -> dict[str, ReportTable | Picture]:
    """Everything shown, by stem."""
    return {item.stem: item for show in PART.shows for item in show.make(view, asked or options())}


def words(item: ReportTable | Picture, lang: Any) -> str:
    if isinstance(item, ReportTable):
        return repr(item)
    return everything(item.figure.chart_for(lang).to_dict())


@pytest.fixture(scope="module")
def all_shown() -> dict[str, ReportTable | Picture]:
    return shown(seen(good()))


def test_every_table_and_figure_is_shown(all_shown: dict[str, Any]) -> None:
    names = [name for name, _ in SHOWS["gini_coefficients"].titled(study(), options())]
    assert list(all_shown) == [*names, *FIGURES] and len(names) == 3


@pytest.mark.parametrize("name", ["gini_over_time_area", "lorenz_curves_population", *FIGURES[4:]])
def test_figures_are_drawn_in_both_languages_and_marked(all_shown: dict[str, Any], name: str) -> None:
    for lang, mark in zip(LANGS, ("合成数据", "SYNTHETIC"), strict=True):
        svg = chart_of(all_shown[name].figure, lang).svg
        texts = drawn_texts(svg)
        assert faults(svg) == []
        assert mark in texts and len(texts) > 10
        if lang == "en":
            assert not [text for text in texts if CHINESE.search(text)]


def test_real_data_carry_no_mark_and_tables_say_synthetic(all_shown: dict[str, Any]) -> None:
    real = shown(seen(good(), "real"))
    assert list(real) == list(all_shown)
    for name, item in real.items():
        if isinstance(item, ReportTable):
            assert all_shown[name].synthetic and not item.synthetic, name
        elif name.endswith(("_area", "_beds")):
            assert "SYNTHETIC" not in words(item, "en"), name


def test_the_table_prints_values_intervals_and_what_falling_leaves_out(all_shown: dict[str, Any]) -> None:
    table = all_shown["gini_coefficients"]
    first = good()["inequality_measure"].query(
        "resource == 'beds' and basis == 'population' and year == 2014 and measure == 'gini'"
    )
    value, low, high = (f"{first[name].iloc[0]:.4f}" for name in ("value", "low", "high"))
    assert table.rows[0].cells[0] == f"{value}\n[{low}, {high}]"
    assert len(table.rows) == 4 and "of 2 years fall" in repr(table.rows[0])
    notes = " ".join(note.en for note in table.notes)
    assert "no sampling error" in notes and "no effect of anything" in notes


def test_contribution_rates_add_up_to_a_hundred(all_shown: dict[str, Any]) -> None:
    for row in all_shown["theil_parts"].rows:
        within, between = (float(cell.rstrip("%")) for cell in row.cells[-2:])
        assert within + between == pytest.approx(100, abs=0.11)


def test_polygons_make_a_second_map() -> None:
    both = [item.stem for item in SHOWS["density_map"].make(seen(good(), boundary=squares()), options())]
    assert both == ["density_map_beds", "density_map_beds_map"]
    empty = squares().iloc[:0]
    assert [item.stem for item in SHOWS["density_map"].make(seen(good(), boundary=empty), options())] == both[:1]


def test_nothing_is_shown_without_rows() -> None:
    empty = {name: frame.iloc[:0] for name, frame in good().items()}
    for tables in ({}, empty):
        assert shown(seen(tables)) == {}
    for draw in (gini_over_time, lorenz_curves):
        with pytest.raises(FigureError, match="no "):
            draw(
                empty["inequality" if draw is gini_over_time else "lorenz"],
                empty["inequality_measure"],
                "area",
                PANEL,
                "real",
            )
    with pytest.raises(FigureError, match="no density of nurses"):
        thermal_map(good()["inequality_place"], "nurses", PANEL, "real")


def test_a_resource_nobody_knows_beside_one_that_is_known() -> None:
    """One row says why there is nothing; the other resource is shown."""
    tables = made(figures().assign(beds=np.nan))
    found = shown(seen(tables))
    assert "density_beds" not in found and "density_map_beds" not in found
    rows = [repr(row) for row in found["gini_coefficients"].rows]
    assert len(rows) == 4 and sum("No two years to compare" in row for row in rows) == 2
    for name in ("gini_over_time_area", "lorenz_curves_area"):
        assert "Beds" not in words(found[name], "en") and "physicians" in words(found[name], "en")


def test_a_unit_with_none_stays_blank_on_the_thermal_map_and_is_counted(all_shown: dict[str, Any]) -> None:
    data = figures()
    tables = made(data.assign(beds=data["beds"].mask(data[ENTITY] == 540000, 0)))
    found = shown(seen(tables))
    picture = found["density_beds"]
    assert 540000 not in set(picture.figure.data[ENTITY]) and len(picture.figure.data) == 30 * 3
    assert any("3 cells, left blank" in note.en for note in picture.figure.notes)
    assert any("3个数值为零" in note.zh for note in picture.figure.notes)
    assert "Tibet" in drawn_texts(chart_of(picture.figure, "en").svg), "its row stays"
    assert not any("blank" in note.en for note in all_shown["density_beds"].figure.notes)


def test_curves_of_other_units_are_not_said_to_agree(all_shown: dict[str, Any]) -> None:
    """Where the first year lacks a province, nothing is known of crossings."""
    data = figures()
    first = (data[ENTITY] == 540000) & (data["year"] == 2014)
    one = made(data.assign(beds=data["beds"].mask(first)))
    note = shown(seen(one))["lorenz_curves_area"].figure.notes[0]
    assert "Not compared, for want of the same units in both years: Beds" in note.en and "未作比较" in note.zh
    both = made(data.assign(beds=data["beds"].mask(first), physicians=data["physicians"].mask(first)))
    note = shown(seen(both))["lorenz_curves_area"].figure.notes[0]
    assert note.en.startswith("Not compared") and "agrees" not in note.en
    assert "Not compared" not in all_shown["lorenz_curves_area"].figure.notes[0].en


def test_one_year_is_shown_without_comparisons() -> None:
    panel = province_panel((2014, 2014))
    found = shown(seen(made(figures(years=(2014, 2014)), panel), panel=panel))
    assert "gini_change" not in found
    assert all("No two years to compare" in repr(row) for row in found["gini_coefficients"].rows)
    assert len(found["theil_parts"].rows) == 4
    assert found["lorenz_curves_area"].figure.notes[0].en == "2014 alone has curves, so none are compared."
    for name in ("gini_over_time_area", "lorenz_curves_area"):
        assert drawn_texts(chart_of(found[name].figure, "zh").svg), name


def test_cities_are_shown_and_nothing_speaks_of_provinces() -> None:
    data = figures(list(CITIES[ENTITY]), CITY_PANEL.years)
    asked = {"groups": "none", "ranked_by": None}
    view = seen(made(data, CITY_PANEL, **asked), "real", panel=CITY_PANEL)
    found = shown(view, options(**asked))
    assert list(found) == ["gini_coefficients", "theil_parts", "gini_change", *FIGURES[:5]]
    for name, item in found.items():
        for lang in LANGS if not name.endswith("_population") else ():
            said = pd.Series([words(item, lang)])
            assert not said.str.contains(OF_PROVINCES).any(), (
                name,
                said.str.extract(f"(.{{20}}(?:{OF_PROVINCES}).{{20}})"),
            )


def test_classes_and_trends_by_hand() -> None:
    ends = [(0, "near equal"), (0.2, "relatively equal"), (0.3, "reasonable"), (0.4, "large gap"), (0.5, "severe gap")]
    assert [gini_class(value).en for value, _ in ends] == [name for _, name in ends]
    assert gini_class(0.1999).en == "near equal" and gini_class(1.0).zh == "差距悬殊"
    series = pd.DataFrame({"year": [2014, 2015, 2016], "gini": [0.3, 0.2, 0.25]})
    said = trend(series, {"low": -0.08, "high": -0.01})
    assert said.en == "2016 is lower than 2014, and 1 of 2 years fall; the interval of the change leaves out zero."
    assert "含零" in trend(series, {"low": -0.08, "high": 0.01}).zh
    assert trend(series.iloc[:1], None).en == "No two years to compare."
    assert trend(series, None).en.endswith("1 of 2 years fall.")
    flat = replace_last(series, 0.4)
    assert "not lower than" in trend(flat, None).en


def replace_last(series: pd.DataFrame, value: float) -> pd.DataFrame:
    return series.assign(gini=[*series["gini"][:-1], value])


def test_the_view_is_not_changed_by_drawing() -> None:
    view = seen({name: frame.copy() for name, frame in good().items()})
    shown(replace(view))
    for name, frame in good().items():
        pd.testing.assert_frame_equal(view.tables[name], frame)
