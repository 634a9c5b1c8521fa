"""The panel a study is handed, the balanced frame of it, and their refusals."""

import numpy as np
import pandas as pd
import pytest

from catalog import load_provinces
from models_py.panel import Panel, PanelError, balanced_panel, full_grid, panel_of, province_panel

PANEL = province_panel((2013, 2016))


@pytest.fixture
def figures() -> pd.DataFrame:
    codes = [province.province_code for province in load_provinces()]
    keys = [(code, year) for code in codes for year in range(2012, 2018)]
    frame = pd.DataFrame(keys, columns=["entity_code", "year"])
    values = np.arange(len(frame), dtype=float)
    return frame.assign(gdp=values, newborn_visit_rate=values + 0.5)


def empty(frame: pd.DataFrame, name: str, code: int, *years: int) -> pd.DataFrame:
    frame.loc[(frame["entity_code"] == code) & frame["year"].isin(years), name] = np.nan
    return frame


def test_window_and_order(figures):
    result, filled = balanced_panel(figures.sample(frac=1, random_state=0), ["gdp"], PANEL)
    assert result.columns.tolist() == ["entity_code", "year", "gdp"]
    assert len(result) == 31 * 4
    assert result["year"].unique().tolist() == [2013, 2014, 2015, 2016]
    assert result["gdp"].is_monotonic_increasing
    assert filled.empty


def test_gap_outside_the_window_does_not_matter(figures):
    result, _ = balanced_panel(empty(figures, "gdp", 110000, 2012, 2017), ["gdp"], PANEL)
    assert result["gdp"].notna().all()


def test_an_empty_cell_is_named_in_both_languages(figures):
    with pytest.raises(PanelError) as caught:
        balanced_panel(empty(figures, "newborn_visit_rate", 610000, 2015), ["newborn_visit_rate"], PANEL)
    message = str(caught.value)
    assert "newborn_visit_rate (新生儿访视率, Newborn visit rate): 1 empty cells" in message
    assert "陕西省 Shaanxi (610000) 2015" in message
    assert "allow_edge_fill" not in message, "a message never advises what would hide a loss"
    assert caught.value.missing == (("newborn_visit_rate", 610000, 2015),)


def test_a_year_missing_for_everybody_is_said(figures):
    figures.loc[figures["year"] == 2014, "gdp"] = np.nan
    with pytest.raises(PanelError, match=r"gdp .*: no province has a value in 2014"):
        balanced_panel(figures, ["gdp"], PANEL)


def test_rows_of_a_year_missing_is_said(figures):
    with pytest.raises(PanelError, match="no province has a value in 2014"):
        balanced_panel(figures[figures["year"] != 2014], ["gdp"], PANEL)


def test_a_province_without_rows(figures):
    with pytest.raises(PanelError, match=r"4 empty cells: 西藏自治区 Tibet \(540000\) 2013"):
        balanced_panel(figures[figures["entity_code"] != 540000], ["gdp"], PANEL)


def test_only_the_first_cells_are_listed(figures):
    figures.loc[(figures["year"] == 2014) & (figures["entity_code"] > 120000), "gdp"] = np.nan
    with pytest.raises(PanelError, match="and 24 more"):
        balanced_panel(figures, ["gdp"], PANEL)


def test_edges_are_carried_and_listed_when_allowed(figures):
    figures = empty(empty(figures, "gdp", 110000, 2013, 2014), "gdp", 120000, 2016)
    kept = figures.copy()
    result, filled = balanced_panel(figures, ["gdp"], PANEL, allow_edge_fill=True)
    beijing = result.loc[result["entity_code"] == 110000, "gdp"].tolist()
    assert beijing == [3.0, 3.0, 3.0, 4.0]
    assert filled.to_dict("records") == [
        {"entity_code": 110000, "year": 2013, "indicator": "gdp", "value": 3.0, "carried_from": 2015},
        {"entity_code": 110000, "year": 2014, "indicator": "gdp", "value": 3.0, "carried_from": 2015},
        {"entity_code": 120000, "year": 2016, "indicator": "gdp", "value": 9.0, "carried_from": 2015},
    ]
    pd.testing.assert_frame_equal(figures, kept)


def test_an_interior_gap_is_an_error_even_then(figures):
    with pytest.raises(PanelError, match=r"北京市 Beijing \(110000\) 2014"):
        balanced_panel(empty(figures, "gdp", 110000, 2014), ["gdp"], PANEL, allow_edge_fill=True)


def test_a_province_without_figures_cannot_be_carried(figures):
    figures = empty(figures, "gdp", 110000, *range(2013, 2017))
    with pytest.raises(PanelError, match="4 empty cells"):
        balanced_panel(figures, ["gdp"], PANEL, allow_edge_fill=True)


def test_infinite_value(figures):
    figures.loc[figures["year"] == 2014, "gdp"] = np.inf
    with pytest.raises(PanelError, match="is infinite: 北京市 Beijing"):
        balanced_panel(figures, ["gdp"], PANEL)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop(columns="gdp"), "the figures lack the columns gdp"),
        (lambda f: f.assign(gdp="1"), "not numeric: gdp"),
        (
            lambda f: f.assign(entity_code=f["entity_code"].replace(110000, 100000)),
            "none of the 31 provinces: 100000",
        ),
        (lambda f: pd.concat([f, f.iloc[[1]]]), r"occur twice: 北京市 Beijing \(110000\) 2013"),
    ],
)
def test_wrong_panels(figures, change, message):
    with pytest.raises(PanelError, match=message):
        full_grid(change(figures), ["gdp"], PANEL)


def counties(**columns: object) -> pd.DataFrame:
    frame = pd.DataFrame({"entity_code": [330104, 330102], "name_zh": ["乙", "甲"], "name_en": ["B", "A"]})
    return frame.assign(**columns)


def test_a_panel_of_any_unit_is_made_from_rows():
    panel = panel_of("county", counties(lon=[120.1, np.nan], region=[None, "east"]), (2015, 2017))
    assert (panel.codes, len(panel.entities), panel.years) == ((330102, 330104), 2, (2015, 2017))
    first, second = panel.entities
    assert (first.name_zh, first.region, second.region, second.lon) == ("甲", "east", "", 120.1)
    assert np.isnan(first.lon) and np.isnan(second.lat) and first.short_zh == ""
    assert panel.label(330102) == "甲 A (330102)" and panel.label(1) == "1"
    assert panel.named([330104, 330102]) == "甲 A (330102), 乙 B (330104)" and panel.named([]) == "-"
    assert [panel.count(number) for number in (0, 1, 2)] == ["0 counties", "1 county", "2 counties"]
    assert all(
        isinstance(code, int) for code in panel_of("county", counties().astype({"entity_code": float}), (1, 1)).codes
    )


def test_the_provinces_are_a_panel_like_any_other():
    panel = province_panel((2013, 2014))
    assert isinstance(panel, Panel) and panel.unit.id == "province" and len(panel.codes) == 31
    assert panel.label(540000) == "西藏自治区 Tibet (540000)" and panel.by_code[540000].region == "west"
    rows = pd.DataFrame({"entity_code": [110000] * 7, "year": range(2013, 2020)})
    assert panel.list_rows(rows.head(1)) == "北京市 Beijing (110000) 2013"
    assert panel.list_rows(rows).endswith("2017 and 2 more")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (counties().drop(columns="name_en"), "the entities lack the columns name_en"),
        (counties().head(0), "no county is given: a panel needs entities"),
        (counties(entity_code=330102), "the entity 330102 is given twice"),
    ],
)
def test_rows_that_make_no_panel(rows, message):
    with pytest.raises(PanelError, match=message):
        panel_of("county", rows, (2015, 2017))


def test_refusals_speak_of_the_panels_own_unit():
    panel = panel_of("county", counties(), (2015, 2016))
    frame = pd.DataFrame({"entity_code": [330102, 330102, 330104], "year": [2015, 2016, 2016], "gdp": 1.0})
    with pytest.raises(
        PanelError, match=r"of 2 counties, 2015-2016, is required: .*1 empty cells: 乙 B \(330104\) 2015"
    ):
        balanced_panel(frame, ["gdp"], panel)
    with pytest.raises(PanelError, match="no county has a value in 2015"):
        balanced_panel(frame[frame["year"] == 2016], ["gdp"], panel)
    with pytest.raises(PanelError, match="none of the 2 counties: 110000"):
        full_grid(frame.assign(entity_code=110000), ["gdp"], panel)


def test_notes_name_entities_in_one_language_and_tell_namesakes_apart() -> None:
    provinces = province_panel((2013, 2014))
    said = provinces.called([310000, 110000])
    assert (said.en, said.zh) == ("Beijing, Shanghai", "北京、上海")
    assert provinces.called([]).en == provinces.called([]).zh == "-"
    rows = pd.DataFrame(
        {
            "entity_code": [110105, 220104, 3],
            "name_zh": ["朝阳区", "朝阳区", "丙"],
            "name_en": ["Chaoyang", "Chaoyang", "C"],
        }
    )
    districts = panel_of("county", rows, (2013, 2014)).called([110105, 220104, 3, 9])
    assert districts.en == "C, 9, Chaoyang (110105), Chaoyang (220104)"
    assert districts.zh == "丙、9、朝阳区（110105）、朝阳区（220104）"
