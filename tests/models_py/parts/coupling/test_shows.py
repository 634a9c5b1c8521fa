"""What the parts of the coupling study show: both languages, marks of synthetic data, no text on another."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from medpanel.report.charts import chart_of
from models_py.figures.show import LANGS, Picture
from models_py.figures.table import ReportTable
from models_py.panel import ENTITY
from models_py.parts.frame import Seen
from models_py.parts.registry import shows_of
from tests.medpanel.report.fabricated import squares
from tests.models_py.figures.boxes import faults
from tests.models_py.figures.reading import CHINESE, drawn_texts
from tests.models_py.parts.coupling.two_systems import PANEL, good, seen, study

PARTS = ("entropy_index", "coupling", "density", "convergence")
TABLES = ("entropy_weights", "table_4", "coordination_reading", "density_peaks", "beta_convergence")
FIGURES = (
    "entropy_weight_bars",
    "coordination_map_2012",
    "coordination_map_2018",
    "coordination_map_2023",
    "coordination_ranks",
    "density_ridges_coordination_degree",
    "sigma_convergence_coordination_degree",
)
Shown = dict[str, ReportTable | Picture]


def shown(view: Seen) -> Shown:
    own = [(one, show) for one, show in shows_of(study()) if one.id in PARTS]
    return {item.stem: item for one, show in own for item in show.make(view, one.options)}


@pytest.fixture(scope="module")
def all_shown() -> Shown:
    return shown(seen(good()))


def test_every_table_and_figure_is_shown(all_shown: Shown) -> None:
    assert set(all_shown) == {*TABLES, *FIGURES}


@pytest.mark.parametrize("name", [*FIGURES[:2], *FIGURES[4:]])
def test_figures_are_drawn_in_both_languages_and_marked(all_shown: dict[str, Any], name: str) -> None:
    for lang, mark in zip(LANGS, ("合成数据", "SYNTHETIC"), strict=True):
        svg = chart_of(all_shown[name].figure, lang).svg
        texts = drawn_texts(svg)
        assert faults(svg) == []
        assert mark in texts and len(texts) > 10
        if lang == "en":
            assert not [text for text in texts if CHINESE.search(text)]


def test_densities_say_how_many_places_they_rest_on(all_shown: dict[str, Any]) -> None:
    texts = drawn_texts(chart_of(all_shown["density_ridges_coordination_degree"].figure, "en").svg)
    assert any("Central" in text and "n = 8" in text for text in texts)
    assert any("8 places" in note.en for note in all_shown["density_ridges_coordination_degree"].figure.notes)


def test_table_4_has_every_place_year_and_the_means(all_shown: dict[str, Any]) -> None:
    table = all_shown["table_4"]
    assert table.number == "4" and table.header[0] == tuple(map(str, range(2012, 2024)))
    assert len(table.rows) == 31 + 3 + 1 and table.synthetic
    own = good()["coupling"].query("variant == ''")
    assert table.rows[-1].cells[0] == f"{own.query('year == 2012')['coordination_degree'].mean():.3f}"
    east = [entity.code for entity in PANEL.entities if entity.region == "east"]
    mean = own[own[ENTITY].isin(east) & (own["year"] == 2023)]["coordination_degree"].mean()
    assert table.rows[11].label.en == "East: mean" and table.rows[11].cells[-1] == f"{mean:.3f}"
    assert any("nobody observed it" in note.en for note in table.notes)


def test_the_reading_names_ends_and_moves(all_shown: dict[str, Any]) -> None:
    table = all_shown["coordination_reading"]
    assert [row.label for row in table.rows] == ["2012", "2018", "2023"]
    own = good()["coupling"].query("variant == '' and year == 2023").sort_values("coordination_degree")
    lowest = PANEL.by_code[int(own[ENTITY].iloc[0])].name
    assert table.rows[-1].cells[3].en.startswith(lowest.en) and table.rows[-1].cells[3].zh.startswith(lowest.zh)
    assert "moved up a level or more" in table.notes[0].en and "上升一级或以上" in table.notes[0].zh


def test_weights_are_printed_with_units_and_carried_cells(all_shown: dict[str, Any]) -> None:
    table = all_shown["entropy_weights"]
    assert len(table.rows) == 22 and table.rows[1].label.en.endswith("(100 million yuan)")
    assert table.rows[-1].cells[1] == "−", "length of stay is adverse"
    assert len(table.header[0]) == 8, "entropy and three other weightings"
    carried = good()["entropy_weight"].assign(carried=31)
    notes = shown(seen({**good(), "entropy_weight": carried}))["entropy_weights"].notes
    assert any("682 cells" in note.en for note in notes) and not any("cells in the first" in n.en for n in table.notes)


def test_real_data_carry_no_mark(all_shown: dict[str, Any]) -> None:
    real = shown(seen(good(), "real"))
    assert list(real) == list(all_shown)
    for name in TABLES:
        assert all_shown[name].synthetic and not real[name].synthetic  # type: ignore[union-attr]
    svg = chart_of(real["coordination_map_2023"].figure, "en").svg  # type: ignore[union-attr]
    assert "SYNTHETIC" not in svg


def test_polygons_make_further_maps() -> None:
    stems = shown(seen(good(), boundary=squares()))
    assert {f"{name}_map" for name in FIGURES if "map" in name} < set(stems)


def test_nothing_is_shown_without_rows() -> None:
    for tables in ({}, {name: frame.iloc[:0] for name, frame in good().items()}):
        assert shown(seen(tables)) == {}


def test_one_year_is_shown_without_moves() -> None:
    tables = {name: frame[frame["year"] == 2020] if "year" in frame else frame for name, frame in good().items()}
    table = shown(seen(tables))["coordination_reading"]
    assert len(table.rows) == 1 and not any("moved" in note.en for note in table.notes)  # type: ignore[union-attr]


def test_the_view_is_not_changed_by_drawing() -> None:
    view = seen({name: frame.copy() for name, frame in good().items()})
    shown(view)
    for name, frame in good().items():
        pd.testing.assert_frame_equal(view.tables[name], frame)


def test_maps_of_all_years_share_their_classes(all_shown: dict[str, Any]) -> None:
    maps = pd.concat([all_shown[name].figure.data for name in FIGURES if "map" in name])
    assert len(maps) == 3 * 31 and set(maps["class"]) == set(range(5))
    ends = maps.groupby("class")["value"].agg(["min", "max"])
    assert (ends["min"].to_numpy()[1:] > ends["max"].to_numpy()[:-1]).all()
    assert maps["class"].value_counts().between(17, 20).all()
