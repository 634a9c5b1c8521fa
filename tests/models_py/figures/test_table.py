"""How numbers are printed, the frame of a table, and names of files."""

from catalog.base import Text
from models_py.figures.names import chinese_number, number_of, stem_of
from models_py.figures.show import LANGS
from models_py.figures.table import (
    ReportTable,
    Row,
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
    assert chinese_number("Table 4a") == "表4a" and chinese_number("Event study") == "事件研究"
    assert chinese_number("Appendix") == "Appendix"
    assert (number_of("Table 4a"), number_of("Table of contents"), number_of("Event study")) == ("4a", "", "")
    assert stacked(TITLE, "2", "") == Text(zh="表\n2", en="Table\n2")


def test_a_table_is_printed_in_one_language() -> None:
    row = Row(Text(zh="标签", en="label"), ("1", Text(zh="是", en="yes")))
    table = ReportTable("t", TITLE, ((TITLE, "x"),), (row,), (Text(zh="一。", en="One."), TITLE), False, number="2")
    zh, en = (table.printed(lang) for lang in LANGS)
    assert (zh.heading, en.heading) == ("表2  表", "Table 2. Table")
    assert (zh.header, en.header) == ((("表", "x"),), (("Table", "x"),))
    assert (zh.rows[0].label, en.rows[0].cells) == ("标签", ("1", "yes"))
    assert (zh.remarks, en.remarks) == ("注：一。表", "Notes: One. Table")


def test_synthetic_tables_say_so():
    real, synthetic = (ReportTable("t", TITLE, (("a",),), (), (TITLE,), kind) for kind in (False, True))
    assert real.heading == TITLE and real.remarks == (TITLE,)
    assert "合成数据" in synthetic.heading.zh and "SYNTHETIC" in synthetic.heading.en
    assert "never to be read as statistics" in synthetic.remarks[-1].en
