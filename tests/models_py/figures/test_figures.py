"""Figures of exposure, influence and inference: languages, room, the mark of synthetic data, refusals."""

import html
from collections.abc import Callable
from functools import cache

import pandas as pd
import pytest

from catalog.labels import variable_label
from medpanel.report.charts import chart_of, png
from models_py.figures.chart_page import chart_page
from models_py.figures.heat import heat_panel
from models_py.figures.show import LANGS, Figure, Lang
from models_py.figures.style import EMPTY, FigureError
from models_py.panel import province_panel
from models_py.parts.diagnostics.figure_influence import influence
from models_py.parts.exposure.figure_heat import exposure_over_time
from models_py.parts.few_clusters.figure_inference import inference_methods
from tests.medpanel.report.fabricated import results, study
from tests.models_py.figures.boxes import boxes, faults
from tests.models_py.figures.reading import CHINESE, caption, drawn_texts

TERM = variable_label(study(), "exposure")
PANEL = province_panel((2013, 2024))


def rows(table: str, **values: object) -> pd.DataFrame:
    frame = results()[table]
    for name, value in values.items():
        frame = frame[frame[name] == value]
    return frame


def exposure() -> pd.DataFrame:
    frame = rows("smart_exposure").rename(columns={"entity_code": "province_code"})
    return frame[frame["year"] >= 2013]


def headline_methods() -> pd.DataFrame:
    return rows("estimate", table_no="Table 2", model="(2)", reading="volume", sample="all", term="exposure")


MAKERS: dict[str, Callable[[str], Figure]] = {
    "exposure_over_time": lambda kind: exposure_over_time(exposure(), PANEL, kind),
    "influence": lambda kind: influence(rows("influence"), TERM, PANEL, kind),
    "inference": lambda kind: inference_methods(headline_methods(), TERM, PANEL.unit, kind, n_obs=372, clusters=31),
}


@cache
def svg(name: str, kind: str, lang: Lang) -> str:
    return chart_of(MAKERS[name](kind), lang).svg


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", MAKERS)
def test_text_stays_on_the_canvas_apart_and_in_its_language(name: str, lang: Lang) -> None:
    drawn = svg(name, "synthetic", lang)
    assert faults(drawn) == [] and len(boxes(drawn)) > 15
    shown = drawn_texts(drawn)
    assert {"zh": "合成数据", "en": "SYNTHETIC"}[lang] in shown
    assert lang == "zh" or not [text for text in shown if CHINESE.search(text)]
    if name != "inference":
        assert {"zh": "北京", "en": "Beijing"}[lang] in shown
    words = caption(MAKERS[name]("synthetic"), lang)
    assert {"zh": "来源：medpanel 数据表", "en": "Source: medpanel, table"}[lang] in words and "N = " in words


@pytest.mark.parametrize("name", MAKERS)
def test_real_data_carry_no_mark_and_bytes_are_the_same_twice(name: str) -> None:
    drawn = svg(name, "real", "en")
    assert "SYNTHETIC" not in drawn and chart_of(MAKERS[name]("real"), "en").svg == drawn


def test_a_text_that_leaves_the_canvas_or_lies_on_another_is_found() -> None:
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 40">'
    line = '<g transform="translate(10,0)"><text transform="translate({},20)" font-size="10px">{}</text></g>'
    apart = head + line.format(0, "one") + line.format(40, "two") + "</svg>"
    assert faults(apart) == []
    assert faults(apart.replace("two", "two and more")) == ["'two and more' leaves the canvas"]
    assert faults(apart.replace("(40,", "(10,")) == ["'one' and 'two' overlap"]
    # Turned upright it is as high as it is long.
    turned = apart.replace('(40,20)"', '(40,20) rotate(-90)"').replace("two", "two and so on")
    assert faults(turned) == ["'two and so on' leaves the canvas"]


def test_unknown_data_kind_is_refused() -> None:
    with pytest.raises(FigureError, match="real or synthetic"):
        chart_of(MAKERS["inference"]("Synthetic"), "en")


def test_cells_without_a_value_are_grey() -> None:
    wide = pd.DataFrame({2013: [0.5, None], 2014: [None, 1.0]}, index=[110000, 120000])

    def chart_for(lang: Lang):
        return chart_page([heat_panel(wide, PANEL, lang, "m", low=0, high=1)], lang, "real", width=620)

    drawn = chart_of(Figure(TERM, TERM, (), wide, chart_for), "en")
    assert drawn.svg.count(f'fill="{EMPTY}"') == 4 and png(drawn.svg)[:4] == b"\x89PNG"
    # Those with a value are drawn over.
    assert drawn.svg.count('stroke="white"') >= 6


def test_exposure_that_never_changes_says_so() -> None:
    assert "no change" in exposure_over_time(exposure().assign(exposure=0.5), PANEL, "real").title.en


def test_where_exposure_varies() -> None:
    steps = {2013: 0.0, 2014: 0.3, 2015: 0.9}
    frame = pd.DataFrame(
        [(110000, y, steps.get(y, 0.9)) for y in range(2013, 2017)] + [(120000, y, 0.1) for y in range(2013, 2017)],
        columns=["province_code", "year", "exposure"],
    )
    written = caption(exposure_over_time(frame, PANEL, "real"), "en")
    # 0.3² + 0.6² = 0.45: the larger step alone holds 80 %, so both years are named.
    assert "100.0% of squared changes fall in 2014, 2015" in written
    assert "1 of 2 provinces ever change, at most 3 levels" in written and "2014: 1, 2015: 1" in written


def test_inference_prints_every_method_in_order_with_the_unit() -> None:
    shown = [html.unescape(text) for text in drawn_texts(svg("inference", "real", "en"))]
    assert shown.index("Clustered CR1") < shown.index("Randomisation inference")
    assert "p\u00a0<\u00a00.001" in shown and "[–]" in shown
    assert "Coefficient, SD per unit of share (0 to 1)" in shown
    with pytest.raises(FigureError, match="one row per method"):
        inference_methods(pd.concat([headline_methods()] * 2), TERM, PANEL.unit, "real")
