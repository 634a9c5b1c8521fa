"""How numbers are printed, the frame of a table, and names of files."""

import pytest

from catalog.base import Text
from medpanel.report.formats import frame_of
from models_py.figures.names import chinese_number, stem_of
from models_py.figures.table import (
    ReportTable,
    Row,
    both,
    fixed,
    number,
    p_number,
    stacked,
    stars,
)

TITLE = Text(zh="表", en="Table")


def test_stars():
    found = [stars(p) for p in (0.009, 0.01, 0.049, 0.05, 0.09, 0.1, float("nan"))]
    assert found == ["***", "**", "**", "*", "*", "", ""]


def test_numbers():
    assert [number(x) for x in (0.12345, -0.5, 0.0, float("nan"), None)] == ["0.123", "−0.500", "0.000", "–", "–"]
    assert number(1234567.8, 0) == "1,234,568" and number(-0.00004) == "−4.0e−05"
    assert fixed(-1e-17) == "0.000" and p_number(0.00049) == "< 0.001" and p_number(0.0312) == "0.031"
    assert p_number(float("nan")) == "–"


def test_names():
    assert stem_of("Table 4a", "") == "table_4a" and stem_of("Event study", "(2) volume") == "event_study_2_volume"
    assert chinese_number("Table 4a") == "表4a" and chinese_number("Event study") == "Event study"
    assert both(TITLE) == "表 Table" and stacked(TITLE) == "表\nTable"
    assert both(Text(zh="(2)", en="(2)")) == stacked(Text(zh="(2)", en="(2)")) == "(2)"


@pytest.mark.parametrize("header", [(("a", "=b"),), (("top", "top"), ("a", "=b"))])
def test_the_frame_has_the_texts_as_they_are(header):
    """What a format must escape is the renderer's business."""
    rows = (Row("=label", ("1", "=2")), Row("other", ("3", "4"), 1))
    frame = frame_of(ReportTable("t", TITLE, header, rows, (), False))
    assert frame.to_numpy().tolist() == [["1", "=2"], ["3", "4"]]
    assert frame.index.tolist() == [("\u00a0", "=label"), ("\u00a0\u00a0", "other")]
    assert frame.columns.get_level_values(-1).tolist() == ["a", "=b"]
    assert frame.columns.nlevels == len(header)


def test_synthetic_tables_say_so():
    real, synthetic = (ReportTable("t", TITLE, (("a",),), (), (TITLE,), kind) for kind in (False, True))
    assert real.heading == TITLE and real.remarks == (TITLE,)
    assert "合成数据" in synthetic.heading.zh and "SYNTHETIC" in synthetic.heading.en
    assert "never to be read as statistics" in synthetic.remarks[-1].en
