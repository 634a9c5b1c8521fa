"""The last year of a study: which year counts as complete, what newer ones lack, and how both are said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from catalog import Study, load_studies
from catalog.base import CatalogError, Text
from catalog.panels import PanelSpec
from catalog.parts import performance_index
from models_py.panel import province_panel
from models_py.parts.performance_index.index import index_tables
from models_py.parts.rows import as_table
from models_py.windows import WINDOW, Input, Needs, WindowError, in_words, reported, settled, window_row

PLACES = {1: "甲 A (1)", 2: "乙 B (2)", 3: "丙 C (3)"}
NO_GAPS = pd.DataFrame({"entity_code": [], "year": [], "indicator": []})


def figures(**series: dict[int, str]) -> pd.DataFrame:
    """Figures by indicator and year: the codes that have one, as in `gdp={2020: "123", 2021: "12"}`."""
    cells = [(int(code), year) for years in series.values() for year, codes in years.items() for code in codes]
    frame = pd.DataFrame(sorted(set(cells)), columns=["entity_code", "year"])
    keys = list(zip(frame["entity_code"], frame["year"], strict=True))
    return frame.assign(
        **{
            name: [1.0 if str(code) in years.get(year, "") else np.nan for code, year in keys]
            for name, years in series.items()
        }
    )


def needs(frame: pd.DataFrame, filled: pd.DataFrame = NO_GAPS, **others: Any) -> Needs:
    names = [name for name in frame if name not in ("entity_code", "year")]
    given = {"places": PLACES, "many": Text(en="provinces", zh="省份"), "ended": {}} | others
    return Needs(inputs=tuple(reported(frame, filled, names)), **given)


def study(last: Any = "latest", **panel: Any) -> Study:
    spec = PanelSpec(years=(2019, last), **panel)
    return load_studies()["expenditure_gdp"].model_copy(update={"panel": spec})


WHOLE = {2019: "123", 2020: "123", 2021: "123"}


def test_the_last_year_is_the_last_that_every_place_has_every_input_for() -> None:
    found = needs(figures(gdp={**WHOLE, 2022: "123"}, budget_expenditure={**WHOLE, 2022: "13"}))
    window = settled(study(provisional_years="latest"), found)
    assert (window.years, window.provisional_years) == ((2019, 2021), (2021,))
    row = window_row(study(), window, found)
    assert (row["last_complete_year"], row["newest_year"], row["unused_years"]) == (2021, 2022, "2022")
    assert row["waiting_for"] == "budget_expenditure: 1 of 3 provinces"
    assert row["waiting_for_zh"].endswith("：3个省份中缺1个")
    assert "一般公共预算支出" in row["waiting_for_zh"]


def test_the_new_year_is_used_once_the_last_place_has_it_and_the_window_shrinks_when_it_goes() -> None:
    both = {**WHOLE, 2022: "123"}
    assert settled(study(), needs(figures(gdp=both, budget_expenditure=both))).years == (2019, 2022)
    assert settled(study(), needs(figures(gdp=WHOLE, budget_expenditure=both))).years == (2019, 2021)


def test_a_filled_figure_does_not_complete_a_year() -> None:
    gap = pd.DataFrame({"entity_code": [2], "year": [2021], "indicator": ["gdp"]})
    assert settled(study(), needs(figures(gdp=WHOLE), gap)).years == (2019, 2020)


def test_a_gap_before_a_complete_year_does_not_end_the_window() -> None:
    assert settled(study(), needs(figures(gdp={2019: "123", 2020: "1", 2021: "123"}))).years == (2019, 2021)


def test_an_indicator_without_a_column_or_without_any_figure_is_lacking_everywhere() -> None:
    frame = figures(gdp=WHOLE)
    inputs = reported(frame, NO_GAPS, ["gdp", "beds"])
    found = Needs(tuple(inputs), PLACES, Text(en="cities", zh="城市"), {})
    with pytest.raises(WindowError, match=r"beds .*complete in no year; 2021 lacks 3: 甲 A"):
        settled(study(), found)


def test_no_complete_year_names_each_input_with_its_years_and_places() -> None:
    found = needs(figures(gdp={2019: "123", 2020: "123", 2021: "12"}, budget_expenditure={2019: "1", 2021: "23"}))
    with pytest.raises(WindowError) as error:
        settled(study(), found)
    assert "expenditure_gdp: years [2019, latest]" in str(error.value)
    assert "gdp (地区生产总值, " in str(error.value) and "complete in 2019-2020" in str(error.value)
    assert "complete in no year; 2021 lacks 1: 甲 A (1)" in str(error.value)


def test_figures_before_the_first_year_alone_are_no_window() -> None:
    with pytest.raises(WindowError, match="no figure from 2019 on"):
        settled(study(), needs(figures(gdp={2018: "123"})))


def test_where_not_every_place_reports_a_year_must_have_those_of_the_year_before_that_still_exist() -> None:
    """Place 2 is merged into another at the end of 2020; that 1 is missing in 2022 is a gap."""
    [one] = reported(figures(gdp={2019: "12", 2020: "12", 2021: "1", 2022: "3"}), NO_GAPS, ["gdp"])
    partly = Input(one.name, one.have, whole=False)
    merged = Needs((partly,), PLACES, Text(en="cities", zh="城市"), ended={2: 2020})
    assert merged.last_complete(2019) == 2021
    assert window_row(study(), settled(study(), merged), merged)["waiting_for"] == "gdp: 1 of 1 cities"
    unmerged = Needs((partly,), PLACES, Text(en="cities", zh="城市"), ended={})
    assert unmerged.last_complete(2019) == 2020


def test_lists_that_reach_into_any_year_are_no_sign_of_new_data_but_must_reach_the_last_one() -> None:
    def with_lists(*years: int) -> Needs:
        found = needs(figures(gdp=WHOLE))
        lists = Input("smart_exposure", {year: frozenset(PLACES) for year in years}, of_lists=True)
        return Needs((*found.inputs, lists), found.places, found.many, found.ended)

    far = with_lists(2019, 2020, 2021, 2022)
    assert window_row(study(), settled(study(), far), far)["newest_year"] == 2021
    assert settled(study(), with_lists(2019, 2020)).years == (2019, 2020)


def test_a_declared_year_stays_and_what_it_leaves_unused_is_said() -> None:
    found = needs(figures(gdp={**WHOLE, 2022: "123", 2023: "1"}))
    row = window_row(study(2021), settled(study(2021), found), found)
    assert (row["last_year"], row["declared_last"], row["last_complete_year"]) == (2021, "2021", 2022)
    assert (row["unused_years"], row["waiting_for"]) == ("2022-2023", "")
    said = in_words(row)
    assert "Figures of 2022-2023 are there but not used: the study ends in 2021 as declared." in [t.en for t in said]
    assert "数据完整至2022年。" in [text.zh for text in said]


def test_a_declared_study_needs_no_complete_year() -> None:
    found = needs(figures(gdp={2019: "1"}))
    row = window_row(study(2021), settled(study(2021), found), found)
    assert row["last_complete_year"] is None
    [kept] = as_table([row], WINDOW).to_dict("records")
    assert [text.en for text in in_words(kept)] == ["Years 2019-2021."]


def test_what_a_study_declares_must_fit_the_year_it_ends_in() -> None:
    with pytest.raises(CatalogError, match="expenditure_gdp, 2019-2021: provisional_years must lie in 2019-2021"):
        settled(study(provisional_years=(2023,)), needs(figures(gdp=WHOLE)))


def test_a_window_shorter_than_its_baseline_is_refused_with_what_to_declare() -> None:
    office = load_studies()["mspi_latest"]
    with pytest.raises(CatalogError, match=r"baseline_years must be .* within 2013-2016, found \[2013, 2020\]"):
        office.until(2016).fitting()


def test_an_open_study_is_not_computed_before_its_year_is_known() -> None:
    with pytest.raises(CatalogError, match="its last year is the latest complete one and not known yet"):
        _ = load_studies()["mspi_latest"].years


def index_of(last: int) -> pd.DataFrame:
    """The index of an office's study up to a year; the figures of earlier years are the same whatever the year."""
    office = load_studies()["mspi_latest"].until(last).fitting()
    panel = province_panel(office.years)
    years = range(2013, 2026)
    frame = pd.DataFrame([(code, year) for year in years for code in panel.codes], columns=["entity_code", "year"])
    random = np.random.default_rng(0)
    options = office.options(performance_index.Options)
    frame = frame.assign(**{name: random.uniform(1, 9, len(frame)) for _, name in options.pairs})
    return index_tables(frame, options, panel, office.id)["performance_index"].query("variant == ''")


def test_a_new_year_leaves_past_values_of_an_open_study_s_index_byte_for_byte() -> None:
    before, after = index_of(2024), index_of(2025)
    kept = after[after["year"] <= 2024].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, before.reset_index(drop=True), check_exact=True)
    assert len(after) == len(before) + 31 * 2
