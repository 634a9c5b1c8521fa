"""The influence figure: names of files, what is counted, other units."""

import dataclasses
from functools import partial

import pandas as pd
import pytest

from catalog import load_provinces, load_studies
from catalog.base import Text
from catalog.identity import Identity
from catalog.labels import label_of
from catalog.parts.diagnostics import Options
from medpanel.report.charts import chart_of
from models_py.figures.style import FigureError
from models_py.panel import panel_of, province_panel
from models_py.parts.diagnostics.figure_influence import influence as figure
from models_py.parts.diagnostics.influence import influence
from models_py.parts.diagnostics.part import PART
from models_py.parts.frame import Seen
from tests.models_py.few_cluster_panels import panel
from tests.models_py.figures.reading import CHINESE, caption, drawn_texts

CODES = tuple(province.province_code for province in load_provinces())
OWN = Identity("mspi", "Table 2", "(2)", "volume")
TERM = Text(zh="暴露度", en="Exposure")


def rows_of(identity: Identity) -> pd.DataFrame:
    return influence(dataclasses.replace(panel(codes=CODES), identity=identity), "x").assign(term="exposure")


def seen(*frames: pd.DataFrame) -> Seen:
    tables = {"influence": pd.concat(frames, ignore_index=True)} if frames else {}
    return Seen(load_studies()["mspi"], province_panel((2013, 2019)), tables, "real")


def texts(drawn, lang="en") -> str:
    """Caption and everything in the picture."""
    return " ".join([caption(drawn, lang), *drawn_texts(chart_of(drawn, lang).svg)])


def test_one_figure_for_each_reading():
    [show] = PART.shows
    both = seen(rows_of(OWN), rows_of(dataclasses.replace(OWN, reading="substitution")))
    made = list(show.make(both, Options()))
    assert [picture.stem for picture in made] == ["influence", "influence_table_2_2_substitution"]
    assert "Table 2 (2)." in texts(made[0].figure) and "substitution" in texts(made[1].figure)
    assert [name for name, _ in show.titled(both.study, Options())] == ["influence"]
    assert list(show.make(seen(), Options())) == []


def test_a_part_that_stands_twice_shows_its_own():
    [show] = PART.shows
    both = seen(rows_of(OWN.varied(part="near")), rows_of(OWN.varied(part="far")))
    near, far = Options(name="near"), Options(name="far")
    assert [picture.stem for options in (near, far) for picture in show.make(both, options)] == [
        "influence_near",
        "influence_far",
    ]
    assert [name for name, _ in show.titled(both.study, near)] == ["influence_near"]


def test_what_is_counted_is_said():
    rows = rows_of(OWN)
    written = texts(
        figure(rows, TERM, province_panel((2013, 2019)), "real", label=partial(label_of, own_reading="volume"))
    )
    assert f"p ≥ 0.05 ({(rows['p_value'] >= 0.05).sum()})" in written
    assert f"{rows['estimate'].iloc[0] - rows['change'].iloc[0]:.3f}".replace("-", "−") in written
    assert "Beijing" in written and "Province left out" in written and "2013" in written
    assert not CHINESE.search(written)
    chinese = texts(figure(rows, TERM, province_panel((2013, 2019)), "real"), "zh")
    assert "北京" in chinese and "剔除省份" in chinese and "Beijing" not in chinese
    with pytest.raises(FigureError, match="more than one model"):
        figure(pd.concat([rows, rows.assign(model="(3)")]), TERM, province_panel((2013, 2019)), "real")
    with pytest.raises(FigureError, match="no row"):
        figure(rows.iloc[:0], TERM, province_panel((2013, 2019)), "real")


def test_counties_are_called_so():
    names = pd.DataFrame(
        {"entity_code": range(1, 7), "name_zh": [f"县{i}" for i in range(1, 7)], "name_en": [*"ABCDEF"]}
    )
    counties = panel_of("county", names, (2013, 2019))
    data = dataclasses.replace(panel(codes=tuple(range(1, 7))), panel=counties)
    written = texts(figure(influence(data, "x"), TERM, counties, "synthetic"))
    assert "with one county, or one year, left out" in written and "County left out" in written
    assert " C " in f"{written} "
    assert "rovince" not in written and "省" not in written and "SYNTHETIC" in written


def test_where_no_entity_can_be_left_out_none_is_marked_as_moving_it_most():
    [show] = PART.shows
    rows = rows_of(OWN)
    nothing = dict.fromkeys(["estimate", "std_error", "p_value", "change"], float("nan"))
    rows.loc[rows["kind"] == "province", list(nothing)] = list(nothing.values())
    [picture] = show.make(seen(rows), Options())
    assert "Province left out" in texts(picture.figure)
