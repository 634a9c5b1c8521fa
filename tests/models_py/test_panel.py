"""The balanced panel and its refusals."""

import numpy as np
import pandas as pd
import pytest

from catalog import load_provinces
from models_py.panel import PanelError, balanced_panel, full_grid

YEARS = (2013, 2016)


@pytest.fixture
def panel() -> pd.DataFrame:
    codes = [province.province_code for province in load_provinces()]
    keys = [(code, year) for code in codes for year in range(2012, 2018)]
    frame = pd.DataFrame(keys, columns=["province_code", "year"])
    values = np.arange(len(frame), dtype=float)
    return frame.assign(gdp=values, newborn_visit_rate=values + 0.5)


def empty(frame: pd.DataFrame, name: str, code: int, *years: int) -> pd.DataFrame:
    frame.loc[(frame["province_code"] == code) & frame["year"].isin(years), name] = np.nan
    return frame


def test_window_and_order(panel):
    result, filled = balanced_panel(panel.sample(frac=1, random_state=0), ["gdp"], YEARS)
    assert result.columns.tolist() == ["province_code", "year", "gdp"]
    assert len(result) == 31 * 4
    assert result["year"].unique().tolist() == [2013, 2014, 2015, 2016]
    assert result["gdp"].is_monotonic_increasing
    assert filled.empty


def test_gap_outside_the_window_does_not_matter(panel):
    result, _ = balanced_panel(empty(panel, "gdp", 110000, 2012, 2017), ["gdp"], YEARS)
    assert result["gdp"].notna().all()


def test_an_empty_cell_is_named_in_both_languages(panel):
    with pytest.raises(PanelError) as caught:
        balanced_panel(empty(panel, "newborn_visit_rate", 610000, 2015), ["newborn_visit_rate"], YEARS)
    message = str(caught.value)
    assert "newborn_visit_rate (新生儿访视率, Newborn visit rate): 1 empty cells" in message
    assert "陕西省 Shaanxi (610000) 2015" in message
    assert "allow_edge_fill" in message


def test_a_year_missing_for_everybody_is_said(panel):
    panel.loc[panel["year"] == 2014, "gdp"] = np.nan
    with pytest.raises(PanelError, match=r"gdp .*: no province has a value in 2014"):
        balanced_panel(panel, ["gdp"], YEARS)


def test_rows_of_a_year_missing_is_said(panel):
    with pytest.raises(PanelError, match="no province has a value in 2014"):
        balanced_panel(panel[panel["year"] != 2014], ["gdp"], YEARS)


def test_a_province_without_rows(panel):
    with pytest.raises(PanelError, match=r"4 empty cells: 西藏自治区 Tibet \(540000\) 2013"):
        balanced_panel(panel[panel["province_code"] != 540000], ["gdp"], YEARS)


def test_only_the_first_cells_are_listed(panel):
    panel.loc[(panel["year"] == 2014) & (panel["province_code"] > 120000), "gdp"] = np.nan
    with pytest.raises(PanelError, match="and 24 more"):
        balanced_panel(panel, ["gdp"], YEARS)


def test_edges_are_carried_and_listed_when_allowed(panel):
    panel = empty(empty(panel, "gdp", 110000, 2013, 2014), "gdp", 120000, 2016)
    kept = panel.copy()
    result, filled = balanced_panel(panel, ["gdp"], YEARS, allow_edge_fill=True)
    beijing = result.loc[result["province_code"] == 110000, "gdp"].tolist()
    assert beijing == [3.0, 3.0, 3.0, 4.0]
    assert filled.to_dict("records") == [
        {"province_code": 110000, "year": 2013, "indicator": "gdp", "value": 3.0, "carried_from": 2015},
        {"province_code": 110000, "year": 2014, "indicator": "gdp", "value": 3.0, "carried_from": 2015},
        {"province_code": 120000, "year": 2016, "indicator": "gdp", "value": 9.0, "carried_from": 2015},
    ]
    pd.testing.assert_frame_equal(panel, kept)


def test_an_interior_gap_is_an_error_even_then(panel):
    with pytest.raises(PanelError, match=r"北京市 Beijing \(110000\) 2014"):
        balanced_panel(empty(panel, "gdp", 110000, 2014), ["gdp"], YEARS, allow_edge_fill=True)


def test_a_province_without_figures_cannot_be_carried(panel):
    panel = empty(panel, "gdp", 110000, *range(2013, 2017))
    with pytest.raises(PanelError, match="4 empty cells"):
        balanced_panel(panel, ["gdp"], YEARS, allow_edge_fill=True)


def test_infinite_value(panel):
    panel.loc[panel["year"] == 2014, "gdp"] = np.inf
    with pytest.raises(PanelError, match="is infinite: 北京市 Beijing"):
        balanced_panel(panel, ["gdp"], YEARS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop(columns="gdp"), "lacks the columns gdp"),
        (lambda f: f.assign(gdp="1"), "not numeric: gdp"),
        (
            lambda f: f.assign(province_code=f["province_code"].replace(110000, 100000)),
            "none of the 31 provinces: 100000",
        ),
        (lambda f: pd.concat([f, f.iloc[[1]]]), r"stand twice: 北京市 Beijing \(110000\) 2013"),
    ],
)
def test_wrong_panels(panel, change, message):
    with pytest.raises(PanelError, match=message):
        full_grid(change(panel), ["gdp"], YEARS)
