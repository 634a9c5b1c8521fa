"""Tables and figures: what they say, in both languages, with missed serious cases beside every gain."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from catalog.parts.scenario import INPUTS, RESULTS, Options
from medpanel.report.charts import chart_of
from models_py.figures.show import LANGS, Figure
from models_py.figures.style import FigureError
from models_py.panel import province_panel
from models_py.parts.frame import Seen
from models_py.parts.registry import shows_of
from models_py.parts.scenario.assumptions import baseline_text
from models_py.parts.scenario.figures import tornado, two_inputs
from models_py.parts.scenario.part import TORNADO, answer
from models_py.parts.scenario.rows import scenario_rows
from tests.models_py.figures.boxes import faults
from tests.models_py.parts.scenario.declared import IMBALANCE, VALUES, options, study

STUDY = study()
START = baseline_text(options())
SAID = {"en": "Scenario, not an estimate", "zh": "情景推演，非估计"}


def seen(rows: pd.DataFrame, kind: str = "synthetic") -> Seen:
    return Seen(STUDY, province_panel((2014, 2023)), {"scenario_result": rows}, kind)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return scenario_rows("tiers", options().for_run({"adoption": 0.6, "target_gap": 10}))


@pytest.fixture(scope="module")
def own(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["scenario"] == "triage"]


def test_every_show_offers_what_its_titles_say(rows: pd.DataFrame) -> None:
    for one, show in shows_of(STUDY):
        made = list(show.make(seen(rows), one.options))
        assert [item.stem for item in made] == [stem for stem, _ in show.titled(STUDY, one.options)]
        assert list(show.make(seen(rows.iloc[:0]), one.options)) == []
        for item in made:
            assert "not an estimate" in item.title.en
            assert "非估计" in item.title.zh


def test_the_table_has_the_baseline_the_study_and_the_what_if_with_missed_cases(rows: pd.DataFrame) -> None:
    [show] = [show for _, show in shows_of(STUDY) if show.name == "scenario_results"]
    [table] = show.make(seen(rows), options())
    [header] = table.printed("en").header
    assert header[0] == "Baseline"
    assert [head.splitlines()[-1] for head in header[4:]] == ["adoption=0.6, target_gap=10"] * 2
    cells = {row.label: row.cells for row in table.printed("en").rows}
    missed = cells["Missed serious cases (10^4 cases)"]
    assert missed[:3] == ("0", "0", "10")
    [reached] = [cells[label] for label in cells if "Break-even adoption" in label]
    assert reached[:2] == ("–", "–")
    assert reached[4] == "not reached"
    assert table.synthetic
    assert "SYNTHETIC" in table.heading.en
    assert any(SAID["en"] in note.en and SAID["zh"] in note.zh for note in table.notes)


def test_a_cap_that_binds_is_a_row_and_one_that_does_not_a_note() -> None:
    [free] = [table for table in answer(STUDY, options(), {}, "") if table.stem == "scenario_results"]
    assert any("binds nowhere" in note.en for note in free.notes)
    crowded = options().for_run({"occupancy_high": 100, "specificity": 0.5})
    [full] = [table for table in answer(STUDY, crowded, {}, "") if table.stem == "scenario_results"]
    assert any("Cap of 100 % binds, high tier" in row.label for row in full.printed("en").rows)
    assert not any("binds nowhere" in note.en for note in full.notes)


def test_assumptions_stand_with_range_unit_and_source(rows: pd.DataFrame) -> None:
    [show] = [show for _, show in shows_of(STUDY) if show.name == "scenario_assumptions"]
    [table] = show.make(seen(rows), options())
    assert len(table.rows) == len(INPUTS)
    told = {"zh": ("万人次", "visits_high之来源。"), "en": ("10^4 visits", "Why visits_high.")}
    for lang in LANGS:
        assert table.printed(lang).rows[0].cells == ("1,000", "990 – 1,010", *told[lang])
    assert table.rows[1].cells[1] == "–"


def test_an_answer_is_synthetic_only_if_its_baseline_is() -> None:
    assert not any(table.synthetic for table in answer(STUDY, options(), {}, "synthetic"))
    read = options(from_table=True)
    assert all(table.synthetic for table in answer(STUDY, read, {"imbalance": IMBALANCE}, "synthetic"))
    assert not any(table.synthetic for table in answer(STUDY, read, {"imbalance": IMBALANCE}, "real"))


def figures(own: pd.DataFrame, kind: str) -> list[Figure]:
    pair = ("adoption", "specificity")
    return [tornado(own, TORNADO, START, kind), two_inputs(own, *pair, TORNADO, START, kind)]


@pytest.mark.parametrize("lang", LANGS)
def test_figures_say_what_they_are_and_show_harm_beside_gain(own: pd.DataFrame, lang: str) -> None:
    for figure, harm in zip(figures(own, "synthetic"), ("missed_per_10000", "missed_serious"), strict=True):
        text = json.dumps(figure.chart_for(lang).to_dict(), ensure_ascii=False)  # type: ignore[arg-type]
        label = RESULTS[harm].label
        assert SAID[lang] in text
        assert (label.en if lang == "en" else label.zh) in text
        assert {"zh": "合成数据", "en": "SYNTHETIC"}[lang] in text
        assert {"imbalance_change", harm} <= set(figure.data.columns)
        assert SAID["en"] in figure.alternative.en and SAID["zh"] in figure.alternative.zh
    real = json.dumps(figures(own, "real")[0].chart_for("en").to_dict())
    assert "SYNTHETIC" not in real


def test_the_tornado_begins_with_the_input_that_moves_the_gap_most(own: pd.DataFrame) -> None:
    data = tornado(own, TORNADO, START, "real").data
    reach = data.groupby("input", sort=False)["imbalance_change"].agg(lambda ends: ends.max() - ends.min())
    assert list(reach) == sorted(reach, reverse=True)
    assert len(reach) == sum(low < high for _, low, high in VALUES.values())
    low = data[(data["input"] == "routine_share") & (data["side"] == "low")]
    assert low["input_value"].tolist() == [0.3]


def test_figures_are_drawn(own: pd.DataFrame) -> None:
    for figure in figures(own, "real"):
        for lang in LANGS:
            assert faults(chart_of(figure, lang).svg) == []


def test_a_figure_without_rows_is_refused(own: pd.DataFrame) -> None:
    with pytest.raises(FigureError, match="no row of one_way"):
        tornado(own[own["kind"] != "one_way"], TORNADO, START, "real")
    with pytest.raises(FigureError, match="no row of two_way for adoption and returning"):
        two_inputs(own, "adoption", "returning", TORNADO, START, "real")


def test_a_study_without_grids_has_no_figure_of_them() -> None:
    none: Options = options(two_way=())
    [show] = [show for _, show in shows_of(STUDY) if show.name == "scenario_grid"]
    assert list(show.titled(STUDY, none)) == []
