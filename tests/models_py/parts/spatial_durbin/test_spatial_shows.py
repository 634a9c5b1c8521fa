"""What the part shows: every table and map in both languages, and words that say what the numbers say."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from medpanel.report.charts import chart_of
from models_py.figures.show import LANGS, Picture
from models_py.figures.table import ReportTable
from models_py.parts.frame import Seen
from models_py.parts.registry import shows_of
from models_py.parts.spatial_durbin import words
from models_py.parts.spatial_durbin.figure_spillover import power_of
from models_py.parts.spatial_durbin.part import PART
from models_py.parts.spatial_durbin.words import Names, dependence_words, effect_words, not_shown, verdict_words
from tests.models_py.figures.boxes import faults
from tests.models_py.figures.reading import CHINESE, drawn_texts
from tests.models_py.parts.spatial_durbin.made_up_space import PANEL, durbin, good, run, study

NAMES = Names(study(), PANEL, "outcome", ("ln_gdp", "ln_urban"))
EFFECT = {"term": "ln_gdp", "effect": "indirect", "estimate": -0.5, "ci_low": -0.9, "ci_high": -0.1, "ci_level": 0.95}


def shown(one: Any = None, tables: dict[str, pd.DataFrame] | None = None) -> dict[str, ReportTable | Picture]:
    one = one or study()
    seen = Seen(one, PANEL, good() if tables is None else tables, "synthetic")
    return {item.stem: item for show in PART.shows for item in show.make(seen, one.parts[0])}


@pytest.fixture(scope="module")
def all_shown() -> dict[str, Any]:
    return shown()


def test_every_table_and_map_is_shown_under_its_announced_name(all_shown: dict[str, Any]) -> None:
    announced = [name for name, _ in PART.shows[0].titled(study(), study().parts[0])]
    assert list(all_shown) == [*announced, "spillover_map_ln_gdp", "spillover_map_ln_urban"]
    assert announced[:3] == ["table_6", "table_7", "table_8"]


def test_nothing_is_shown_without_rows() -> None:
    assert shown(tables={name: rows.head(0) for name, rows in good().items()}) == {}


def test_texts_exist_in_both_languages(all_shown: dict[str, Any]) -> None:
    for item in all_shown.values():
        if isinstance(item, ReportTable):
            chinese, english = item.printed("zh"), item.printed("en")
            assert CHINESE.search(chinese.heading) and "合成数据" in chinese.heading
            assert not CHINESE.search(repr(english)), item.stem
            assert "SYNTHETIC" in english.heading


def test_readings_are_chinese_in_chinese(all_shown: dict[str, Any]) -> None:
    for stem in ("spatial_words", "spatial_tests_words"):
        for row in all_shown[stem].printed("zh").rows:
            assert all(CHINESE.search(cell) for cell in row.cells), row


def test_the_map_is_drawn_in_both_languages(all_shown: dict[str, Any]) -> None:
    for lang, mark in zip(LANGS, ("合成数据", "SYNTHETIC"), strict=True):
        svg = chart_of(all_shown["spillover_map_ln_gdp"].figure, lang).svg
        texts = drawn_texts(svg)
        assert faults(svg) == []
        assert mark in texts and ("广东" if lang == "zh" else "Guangdong") in texts


def test_the_map_lets_every_province_be_picked(all_shown: dict[str, Any]) -> None:
    spec = all_shown["spillover_map_ln_gdp"].figure.chart_for("en").to_dict()
    [picked] = [param for param in spec["params"] if param["name"] == "picked"]
    assert len(picked["bind"]["options"]) == 31 and picked["value"] in picked["bind"]["options"]


def test_table_8_names_components_and_what_could_not_be_estimated(all_shown: dict[str, Any]) -> None:
    rows = {row.label: row.cells for row in all_shown["table_8"].printed("en").rows}
    assert rows["Groups of places the weights connect"] == ("1", "2", "1")
    assert rows["Observations"] == ("88", "64", "96")


def test_the_dynamic_table_has_short_and_long_run() -> None:
    one = durbin(dynamic=["y"], models=["sdm"], regions=False, errors=["ml"], effects=["two-way"])
    tables = run(one)
    table = shown(one, tables)["spatial_dynamic"].printed("en")
    assert table.header[0][1:] == (
        "direct",
        "indirect",
        "total",
        "long-run direct",
        "long-run indirect",
        "long-run total",
    )
    rows = tables["estimate"].query("variant == 'dynamic=y' and term == 'ln_gdp' and method == 'simulation'")
    long = rows.set_index("effect").loc["long_total", "estimate"]
    [cells] = [row.cells for row in table.rows if "gross" in row.label and "lagged" in row.label]
    assert f"{long:.4f}" in cells[6]


def test_an_effect_is_told_with_sign_size_interval_and_limits() -> None:
    said, ten = effect_words(NAMES, EFFECT), math.log(1.1)
    assert "10 % more gross regional product" in said.en and "in all other provinces" in said.en
    assert f"{0.5 * ten:.4f} lower in a province" in said.en and "which leaves out zero" in said.en
    assert f"−{0.9 * ten:.4f} to −{0.1 * ten:.4f}" in said.en
    assert f"低{0.5 * ten:.4f}" in said.zh and "不含零" in said.zh
    higher = effect_words(NAMES, {**EFFECT, "effect": "direct", "estimate": 0.2, "ci_high": 0.5})
    assert "higher in the same province" in higher.en and "which holds zero" in higher.en and "含零" in higher.zh
    assert "assumed" in not_shown(EFFECT).en and "假" not in not_shown(EFFECT).zh


def test_dependence_is_told_with_its_sign() -> None:
    row = {"term": "rho", "effect": "coef", "estimate": -0.3, "ci_low": -0.5, "ci_high": 0.1}
    said = dependence_words(NAMES, row)
    assert "opposite direction" in said.en and "holds zero" in said.en and "反向" in said.zh
    assert "no proof of interaction" in not_shown(row).en


@pytest.mark.parametrize(("p_value", "en", "zh"), [(0.2, "not rejected", "未拒绝"), (0.01, ": rejected", "水平拒绝")])
def test_a_test_is_told_with_its_verdict(p_value: float, en: str, zh: str) -> None:
    said = verdict_words(NAMES, "lr_sar", 3.0, 2, p_value)
    assert en in said.en and zh in said.zh and "df 2" in said.en and "both of which may be wrong" in said.en


def test_every_test_and_diagnostic_has_words() -> None:
    rows = good()["spec_test"]
    assert (rows["note_en"].str.len() > 20).all() and rows["note_zh"].str.contains("[一-鿿]").all()
    assert set(words._TESTS) | {"lr_sar", "lr_sem"} <= set(rows["test"])


def test_a_study_with_regressions_too_shows_spatial_tests_once() -> None:
    headline = {"table_no": "Table 1", "model": "(1)", "term": "ln_gdp"}
    model = {"table_no": "Table 1", "model": "(1)", "outcome": "outcome", "regressors": ["ln_gdp"]}
    small = {"outcome": "outcome", "regressors": ["ln_gdp"], "models": ["sdm"], "regions": False, "draws": 100}
    one = study(
        [{"regressions": {"headline": headline, "models": [model]}}, {"diagnostics": {}}, {"spatial_durbin": small}]
    )
    tables = run(one)
    seen = Seen(one, PANEL, tables, "synthetic")
    stems = [item.stem for part, show in shows_of(one) for item in show.make(seen, part.options)]
    assert [stem for stem in stems if "evidence" in stem] == ["design_evidence_table_1"]
    assert {"table_1", "table_6", "table_7"} <= set(stems) and len(stems) == len(set(stems))


@pytest.mark.parametrize(("scale", "power", "said"), [(1.0, 0, ""), (1e-3, -4, " (× 0.0001)"), (0.0, 0, "")])
def test_small_effects_are_printed_in_a_power_of_ten_without_exponents(scale: float, power: int, said: str) -> None:
    shown = pd.DataFrame({"origin_code": [1, 1, 2], "destination_code": [1, 2, 1], "effect": [5.0, 0.42, -0.1]})
    assert power_of(shown.assign(effect=shown["effect"] * scale)) == (power, said)
