"""The specification curve: its rows, marks, the study's own, words of one language, what is refused."""

import json
import math
import re
import time

import numpy as np
import pandas as pd
import pytest

from catalog.labels import choice_label, option_label, variable_label
from medpanel.report.charts import chart_of
from models_py.figures.show import LANGS
from models_py.figures.style import FigureError
from models_py.parts.specification_curve.figure import HEIGHT, LEFT, WIDTH, specification_curve
from models_py.parts.specification_curve.shown import (
    curve_shown,
    estimate_range,
    joint_p_values,
    option_cells,
    percent,
)
from tests.medpanel.report.fabricated import results, study
from tests.models_py.figures.reading import CHINESE, caption, drawn_texts, everything, mark, rows, views, written

TERM = variable_label(study(), "exposure")
JOINT = {"median": 0.031, "share": 0.052, "stouffer": 0.0001}


def specification():
    return results()["specification"]


def choices():
    return results()["specification_choice"]


def figure(kind="real", frame=None, joint=JOINT):
    return specification_curve(specification() if frame is None else frame, choices(), study(), TERM, kind, joint=joint)


@pytest.fixture(scope="module")
def specs():
    return {lang: figure("synthetic").chart_for(lang).to_dict() for lang in LANGS}


def layers(spec, position):
    return list(views(spec["vconcat"][position]))


def test_every_estimate_has_its_bar_and_point(specs):
    bars, zero, _hover, points, pointer, label, diamond = layers(specs["en"], 1)
    assert [mark(v) for v in (bars, zero, points, pointer, label, diamond)] == [
        "rule",
        "rule",
        "circle",
        "rule",
        "text",
        "point",
    ]
    for view in (bars, points):
        assert view["encoding"]["x"]["field"] == "rank" and view["encoding"]["color"]["field"] == "sign"
    assert (bars["encoding"]["y"]["field"], bars["encoding"]["y2"]["field"]) == ("ci_low", "ci_high")
    assert bars["mark"]["clip"] is True and points["encoding"]["y"]["field"] == "estimate"
    drawn = rows(specs["en"], bars)
    assert len(drawn) == 400 and drawn["rank"].tolist() == list(range(1, 401))
    assert drawn["estimate"].is_monotonic_increasing
    wanted = specification().sort_values("estimate")
    assert np.allclose(drawn["ci_high"], wanted["ci_high"], rtol=1e-5)
    counts = drawn["sign"].value_counts()
    significant = wanted["p_value"] < 0.05
    assert counts["positive"] == (significant & (wanted["estimate"] > 0)).sum()
    assert counts["negative"] == (significant & (wanted["estimate"] < 0)).sum()


def test_the_study_s_own_is_marked_on_the_curve_and_in_every_panel(specs):
    spec = specs["en"]
    own = specification().query("preferred").iloc[0]
    diamond = layers(spec, 1)[-1]
    assert diamond["mark"]["shape"] == "diamond"
    row = rows(spec, diamond).iloc[0]
    assert row["rank"] == 251 and row["estimate"] == pytest.approx(own["estimate"], rel=1e-5)
    assert f"own: {own['estimate']:.3f} (number 251 of 400)" in written(spec)
    panels = curve_shown(specification(), choices()).panels
    assert len(panels) == len(spec["vconcat"]) - 2 > 3
    for position, panel in enumerate(panels, start=2):
        row = rows(spec, layers(spec, position)[-1]).iloc[0]
        assert row["rank"] == 251
        assert row["option"] == option_label(study(), panel.choice, own[panel.choice]).en


def test_the_choices_that_move_most_are_drawn_and_the_rest_counted(specs):
    headings = [view["title"] for view in specs["en"]["vconcat"][2:]]
    assert headings[0] == "Reading of utilisation: 50%"
    assert specs["zh"]["vconcat"][2]["title"] == "利用指标方向：50%"
    options = sum(len(panel.options) for panel in curve_shown(specification(), choices()).panels)
    assert options <= 16
    assert f"{16 - len(headings)} choices that move it less" in caption(figure(), "en")


def test_option_cells_are_shares_of_stretches():
    curve = curve_shown(specification(), choices())
    for panel in curve.panels:
        cells = option_cells(curve, panel)
        assert cells["share"].between(0, 1, inclusive="right").all()
        assert cells.groupby("start")["share"].sum().to_numpy() == pytest.approx(1)
    # Four specifications, one cell each.
    small = specification().query("preferred").index.union(specification().index[:3])
    four = curve_shown(specification().loc[small], choices())
    cells = option_cells(four, four.panels[0])
    assert cells["share"].tolist() == [1.0] * 4 and sorted(cells["start"]) == [0.5, 1.5, 2.5, 3.5]


def test_hover_names_the_option_of_every_choice(specs):
    for lang in LANGS:
        points = layers(specs[lang], 1)[3]
        tips = {tip["title"]: tip["field"] for tip in points["encoding"]["tooltip"]}
        varied = set(choices()["choice"])
        assert {getattr(choice_label(study(), name), lang) for name in varied} <= set(tips)
        # Labels name the study's unit where they speak of it.
        assert {"zh": "省份效应之外", "en": "Besides province effects"}[lang] in tips
        assert len(tips) == 5 + len(varied)
    params = [param for param in specs["en"]["params"] if param["name"] == "specification"]
    assert params[0]["select"]["fields"] == ["rank"] and params[0]["views"] == [layers(specs["en"], 1)[3]["name"]]


def test_hovered_options_are_those_of_the_row(specs):
    """The names in the chart, looked up by the number in the data, are the table's options."""
    spec = specs["en"]
    points = layers(spec, 1)[3]
    names = {}
    for transform in points.get("transform") or spec["vconcat"][1]["transform"]:
        field = transform["as"]
        if field != "interval":
            names[field.removesuffix("_")] = json.loads(transform["calculate"].split("[datum.")[0])
    drawn = rows(spec, points)
    wanted = specification().sort_values("estimate").reset_index(drop=True)
    for name, labels in names.items():
        found = [labels[i] for i in drawn[name]]
        assert found == [option_label(study(), name, option).en for option in wanted[name]], name
    assert len(names) == 16


def test_title_says_shares_and_joint_tests(specs):
    frame = specification()
    positive = percent(float(((frame["p_value"] < 0.05) & (frame["estimate"] > 0)).mean()))
    title = figure().title
    assert f"{positive} of 400 specifications" in title.en
    for part in ("median p = 0.031", "share significant p = 0.052", "Stouffer p < 0.001"):
        assert part in title.en.replace("\u00a0", " ")
    assert "joint tests" not in figure(joint={}).title.en and "联合检验" not in figure(joint={}).title.zh
    assert [percent(0.0), percent(0.0002), percent(0.5)] == ["0%", "<1%", "50%"]


def test_words_of_one_language_only(specs):
    assert not CHINESE.search(everything(specs["en"]))
    chinese = " ".join([*written(specs["zh"]), caption(figure(), "zh")])
    for english in ("Specification", "SYNTHETIC", "Notes", "coefficient", "Source"):
        assert english not in chinese


def test_synthetic_data_are_marked_and_real_are_not(specs):
    assert "SYNTHETIC" in written(specs["en"]) and "合成数据" in written(specs["zh"])
    for lang in LANGS:
        real = everything(figure("real").chart_for(lang).to_dict())
        assert "SYNTHETIC" not in real and "合成" not in real
    with pytest.raises(FigureError, match="real or synthetic"):
        figure("Synthetic").chart_for("en")


def test_alternative_and_data():
    made = figure()
    low, high = specification()["estimate"].min(), specification()["estimate"].max()
    assert f"from {low:.3f} to {high:.3f}".replace("-", "−") in made.alternative.en
    assert "number 251" in made.alternative.en and "排第251位" in made.alternative.zh
    assert len(made.data) == 400 and next(iter(made.data)) == "rank" and made.data["preferred"].sum() == 1


def test_specifications_without_an_estimate_are_counted_and_left_out():
    frame = specification().assign(estimate=lambda f: f["estimate"].where(f.index != 3))
    made = figure(frame=frame)
    assert len(made.data) == 399 and "1 specifications could not be estimated" in made.notes[0].en


def test_the_axis_cuts_enormous_intervals_but_no_estimate():
    frame = specification().assign(ci_high=lambda f: f["ci_high"].where(f.index != 5, 1e6))
    low, high = estimate_range(curve_shown(frame, choices()))
    assert high < 10 and low < frame["estimate"].min() and high > frame["estimate"].max()


def test_points_land_where_the_axes_say():
    """The diamond's place in the SVG, from rank and estimate by hand."""
    made = figure("real")
    curve = curve_shown(specification(), choices())
    svg = chart_of(made, "en").svg
    found = re.findall(r'<path transform="translate\(([-\d.]+),([-\d.]+)\)" d="M-5.701,0L', svg)
    low, high = estimate_range(curve)
    start, end = 0.5 - (0.5 + 0.005 * 400), 400.5 + (0.5 + 0.005 * 400)
    x = WIDTH * (251 - start) / (end - start)
    y = HEIGHT * (high - curve.own["estimate"]) / (high - low)
    assert found and float(found[0][0]) == pytest.approx(x, abs=0.01)
    assert float(found[0][1]) == pytest.approx(y, abs=0.01)


def test_text_is_drawn_as_text_in_its_language():
    shown = {lang: drawn_texts(chart_of(figure("synthetic"), lang).svg) for lang in LANGS}
    assert (
        "标准化系数（标准差／标准差）" in shown["zh"]
        and "合成数据" in shown["zh"]
        and "利用指标方向：50%" in shown["zh"]
    )
    assert "Standardised coefficient (SD per SD)" in shown["en"] and not any(
        CHINESE.search(text) for text in shown["en"]
    )


@pytest.mark.parametrize("preferred", [0, 399])
def test_the_own_label_stays_in_the_frame(preferred):
    frame = specification().assign(preferred=lambda f: f.index == preferred)
    spec = figure(frame=frame).chart_for("en").to_dict()
    label = layers(spec, 0)[-2]
    low, high = estimate_range(curve_shown(frame, choices()))
    y = HEIGHT * (high - frame["estimate"].iloc[preferred]) / (high - low) + label["mark"]["dy"]
    assert 0 < y < HEIGHT


def test_labels_of_options_fit_beside_the_panels():
    from models_py.figures.text import width

    longest = max(
        width(getattr(option_label(study(), panel.choice, option), lang))
        for lang in LANGS
        for panel in curve_shown(specification(), choices()).panels
        for option in panel.options
    )
    assert longest * 11.5 < LEFT


def test_joint_p_values_of_the_table():
    assert joint_p_values(results()["spec_test"]) == JOINT
    assert joint_p_values(results()["spec_test"].iloc[:0]) == {}


@pytest.mark.parametrize("column", ["estimate", "ci_low", "p_value", "preferred", "weighting"])
def test_a_missing_column_is_named(column):
    with pytest.raises(FigureError, match=f"specification lacks the columns {column}"):
        figure(frame=specification().drop(columns=column))


def test_refusals():
    with pytest.raises(FigureError, match="specification_choice lacks the columns position"):
        curve_shown(specification(), choices().drop(columns="position"))
    with pytest.raises(FigureError, match="no estimate"):
        figure(frame=specification().assign(estimate=math.nan))
    with pytest.raises(FigureError, match="0 specifications are marked"):
        figure(frame=specification().assign(preferred=False))
    with pytest.raises(FigureError, match="2 specifications are marked"):
        figure(frame=specification().assign(preferred=lambda f: f.index < 2))


def test_four_thousand_specifications_in_bounded_time():
    frame = pd.concat([specification()] * 10, ignore_index=True)
    frame = frame.assign(spec_id=frame.index + 1, preferred=frame.index == 250)
    figure("real").chart_for("en")
    begun = time.process_time()
    chart = chart_of(figure(frame=frame), "en")
    assert len(chart.files()["png"]) > 100_000
    # Measured about 3 s; a bound that catches a second pass or a list checked point by point.
    assert time.process_time() - begun < 20
