"""Every figure matplotlib draws: both languages without a missing glyph, size, the mark of synthetic data, refusals."""

import io
import re
import warnings
from collections.abc import Callable
from functools import cache

import pandas as pd
import pytest

from catalog.labels import variable_label
from medpanel.report.charts import preview
from medpanel.report.images import keep_home_clean, png, svg

keep_home_clean()

from matplotlib.figure import Figure  # noqa: E402
from matplotlib.text import Text as Writing  # noqa: E402

from models_py.figures.style import SYNTHETIC, FigureError, house_style, sheet  # noqa: E402
from models_py.panel import province_panel  # noqa: E402
from models_py.parts.diagnostics.figure_influence import influence  # noqa: E402
from models_py.parts.exposure.figure_heat import exposure_over_time  # noqa: E402
from models_py.parts.few_clusters.figure_inference import inference_methods  # noqa: E402
from tests.medpanel.report.fabricated import results, study  # noqa: E402

# What matplotlib says of a character the font lacks.
GLYPH = ".*missing from font"
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
    "exposure_over_time": lambda kind: exposure_over_time(exposure(), kind),
    "influence": lambda kind: influence(rows("influence"), TERM, PANEL, kind),
    "inference": lambda kind: inference_methods(headline_methods(), TERM, PANEL.unit, kind, n_obs=372, clusters=31),
}


@cache
def made(name: str, kind: str) -> Figure:
    return MAKERS[name](kind)


def texts(figure: Figure) -> str:
    return "\n".join(item.get_text() for item in figure.findobj(Writing) if item.get_visible())


@pytest.mark.parametrize("name", MAKERS)
def test_glyphs_size_and_marks(name):
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=GLYPH)
        figure = made(name, "synthetic")
        picture = png(figure)
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(picture[16:20], "big") == 1600
    written = texts(figure)
    assert SYNTHETIC in written and "不得当作统计数据" in written
    assert re.search("[\u4e00-\u9fff]", written) and re.search("Source: medpanel, table", written)
    assert "N = " in written
    small = preview(picture)
    assert len(small) < 300_000 and int.from_bytes(small[16:20], "big") == 800
    assert min(item.get_fontsize() for item in figure.findobj(Writing) if item.get_text().strip()) >= 9


@pytest.mark.parametrize("name", MAKERS)
def test_text_stays_on_the_page_and_apart(name):
    """No text crosses the edge, and the notes touch nothing of the panels."""
    with house_style():
        figure = made(name, "synthetic")
        renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
        for item in figure.texts:
            box = item.get_window_extent(renderer)
            assert box.x0 >= 0 and box.x1 <= figure.bbox.width, item.get_text()
            assert box.y0 >= 0 and box.y1 <= figure.bbox.height, item.get_text()
        notes = max(t.get_window_extent(renderer).y1 for t in figure.texts if t.get_fontsize() == 9.0)
        for axes in figure.axes:
            box = axes.get_tightbbox(renderer)
            assert box is not None and box.y0 >= notes, axes
            assert box.x0 >= 0 and box.x1 <= figure.bbox.width, axes


@pytest.mark.parametrize("name", MAKERS)
def test_real_data_carry_no_mark(name):
    assert "SYNTHETIC" not in texts(made(name, "real")).upper()


@pytest.mark.parametrize("name", ["exposure_over_time", "influence"])
def test_same_bytes_twice(name):
    first, second = made(name, "synthetic"), MAKERS[name]("synthetic")
    assert png(first) == png(second)
    drawn = svg(first)
    assert drawn == svg(second)
    assert b"<dc:date>" not in drawn and b"Matplotlib v" not in drawn


def test_the_users_settings_do_not_matter_and_stay():
    import matplotlib

    expected = png(made("inference", "real"))
    matplotlib.rcParams["axes.facecolor"] = "black"
    try:
        assert png(MAKERS["inference"]("real")) == expected
        assert matplotlib.rcParams["axes.facecolor"] == "black"
    finally:
        matplotlib.rcdefaults()


def test_unknown_data_kind_is_refused():
    with pytest.raises(FigureError, match="real or synthetic"), house_style():
        sheet(TERM, [], "Synthetic", height=1)


def test_exposure_that_never_changes_says_so():
    flat = exposure().assign(exposure=0.5)
    assert "no change" in texts(exposure_over_time(flat, "real"))


def test_where_exposure_varies():
    steps = {2013: 0.0, 2014: 0.3, 2015: 0.9}
    frame = pd.DataFrame(
        [(110000, y, steps.get(y, 0.9)) for y in range(2013, 2017)] + [(120000, y, 0.1) for y in range(2013, 2017)],
        columns=["province_code", "year", "exposure"],
    )
    written = texts(exposure_over_time(frame, "real"))
    # 0.3² + 0.6² = 0.45: the larger step alone holds 80 %, so both years are named.
    assert "100.0% of squared changes fall in 2014, 2015" in written
    assert "1 of 2 provinces ever change, at most 3 levels" in written and "2014: 1, 2015: 1" in written


def test_inference_prints_every_method_in_order():
    figure = made("inference", "real")
    labels = [tick.get_text().split("\n")[1] for tick in figure.axes[0].get_yticklabels()]
    assert labels[0] == "Clustered CR1" and labels[-1] == "Randomisation inference"
    assert "p\u00a0<\u00a00.001" in texts(figure) and "[–]" in texts(figure)
    with pytest.raises(FigureError, match="one row per method"):
        inference_methods(pd.concat([headline_methods()] * 2), TERM, PANEL.unit, "real")


def test_a_missing_glyph_would_be_noticed():
    with house_style(), warnings.catch_warnings():
        warnings.filterwarnings("error", message=GLYPH)
        page = sheet(TERM, [], "real", height=1)
        page.figure.text(0.5, 0.5, "\U0001f9ff")
        with pytest.raises(UserWarning, match=GLYPH):
            page.figure.savefig(io.BytesIO(), format="png")
