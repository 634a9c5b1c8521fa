"""The map of exposure: which year, what its notes say, one language at a time, what is refused."""

import numpy as np
import pandas as pd
import pytest

from catalog import load_provinces
from catalog.parts.exposure import MapSpec
from medpanel.report.charts import chart_of
from models_py.figures.show import LANGS
from models_py.figures.style import FigureError
from models_py.parts.exposure.figure_map import exposure_map, values_of_year
from models_py.parts.exposure.part import MAP_TITLE
from tests.medpanel.report.fabricated import results, squares
from tests.models_py.figures.reading import CHINESE, caption, drawn_texts, everything, written

LAST = MapSpec(year="last", classes=5)


def exposure():
    frame = results()["smart_exposure"].rename(columns={"entity_code": "province_code"})
    return frame[frame["year"] >= 2013]


def provinces():
    return pd.DataFrame([p.model_dump(include={"province_code", "short_zh", "name_en"}) for p in load_provinces()])


def tiles(frame, spec, kind="real"):
    return exposure_map(frame, provinces(), spec, MAP_TITLE, kind)


def polygons(boundary, spec, kind="real"):
    return exposure_map(exposure(), provinces(), spec, MAP_TITLE, kind, boundary)


def text(figure, lang="en"):
    return " ".join([caption(figure, lang), *written(figure.chart_for(lang).to_dict())])


def test_years():
    last = tiles(exposure(), LAST)
    mean = tiles(exposure(), MapSpec(year="mean", classes=5))
    given = tiles(exposure(), MapSpec(year=2014, classes=5))
    assert "quantile classes of 2024" in text(last) and "mean of 2013-2024" in text(mean)
    assert "classes of 2014" in text(given)
    assert given.chart_for("en").to_dict()["params"][0]["value"] == 2014
    assert "params" not in mean.chart_for("en").to_dict()
    assert len(last.data) == 12 * 31 and len(mean.data) == 31
    with pytest.raises(FigureError, match="no exposure for 2009"):
        tiles(exposure(), MapSpec(year=2009, classes=5))


def test_values_of_the_year_asked_for():
    frame = exposure()
    values, when = values_of_year(frame, MapSpec(year=2016, classes=5))
    assert values == frame[frame["year"] == 2016].set_index("province_code")["exposure"].to_dict()
    assert (when.zh, when.en) == ("2016年", "2016")


def test_print_shows_the_year_of_the_study_alone():
    shown = drawn_texts(chart_of(tiles(exposure(), MapSpec(year=2014, classes=5)), "en").svg)
    values = values_of_year(exposure(), MapSpec(year=2014, classes=5))[0]
    assert "2014" in shown and "2024" not in shown
    assert sorted(t for t in shown if t[0].isdigit() and len(t) == 4 and "." in t) == sorted(
        f"{value:.2f}" for value in values.values()
    )


def test_merged_classes_and_missing_provinces_are_stated():
    flat = exposure().assign(exposure=lambda f: np.where(f["province_code"] == 110000, 1.0, 0.0))
    made = tiles(flat, LAST)
    assert "2 left after merging" in text(made) and "空组合并后余2组" in text(made, "zh")
    without = tiles(flat[flat["province_code"] != 540000], LAST)
    assert "no figure  (1)" in text(without) and "30 provinces" in text(without)


def test_alternative_names_lowest_and_highest():
    frame = exposure().assign(exposure=lambda f: f["province_code"].map({540000: 0.0, 310000: 1.0}).fillna(0.5))
    said = tiles(frame, LAST).alternative
    assert said.en == "Smart-city exposure of 31 provinces, 2024: from 0.00 (Tibet) to 1.00 (Shanghai), median 0.50."
    assert "0.00（西藏）" in said.zh and "1.00（上海）" in said.zh


@pytest.mark.parametrize("kind", ["tiles", "polygons"])
def test_one_language_at_a_time(kind):
    made = tiles(exposure(), LAST, "synthetic")
    if kind == "polygons":
        made = polygons(squares("GS(2026)0000"), LAST, "synthetic")
    english = everything(made.chart_for("en").to_dict())
    assert not CHINESE.search(english) and "SYNTHETIC" in english and "Inner Mongolia" in english
    chinese = text(made, "zh")
    assert "合成数据" in chinese and "内蒙古" in everything(made.chart_for("zh").to_dict())
    for word in ("SYNTHETIC", "Exposure", "Smart-city", "provinces"):
        assert word not in chinese
    assert set(LANGS) == {"zh", "en"}


def test_real_data_carry_no_mark():
    assert "SYNTHETIC" not in everything(tiles(exposure(), LAST).chart_for("en").to_dict())


def test_the_map_prints_its_approval():
    made = polygons(squares("GS(2026)0000号"), LAST)
    for lang, number in (("zh", "审图号：GS(2026)0000号"), ("en", "Approval number: GS(2026)0000号.")):
        assert number in caption(made, lang)
        # A picture without its caption has it too.
        assert number in " ".join(written(made.chart_for(lang).to_dict()))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.iloc[:0], "no row"),
        (lambda f: pd.concat([f, f.iloc[:1]]), "two rows"),
        (lambda f: f.assign(province_code=710000), "none of the 31"),
        (lambda f: f.drop(columns="year"), "exposure lacks the columns year"),
    ],
)
def test_refusals(change, message):
    with pytest.raises(FigureError, match=message):
        tiles(change(exposure()), LAST)


def test_provinces_need_names_in_both_languages():
    with pytest.raises(FigureError, match="provinces lacks the columns name_en"):
        exposure_map(exposure(), provinces().drop(columns="name_en"), LAST, MAP_TITLE, "real")
