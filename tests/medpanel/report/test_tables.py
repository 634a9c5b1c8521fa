"""What stands in a report's tables: numbers against the results, layout, notes, safety of cells."""

import html
import re

import pandas as pd
import pytest

from catalog.base import Text
from medpanel.report.formats import frame_of, html_fragment, latex, markdown, safe
from models_py.figures.table import ReportTable, Row, stars
from models_py.panel import province_panel
from models_py.parts.findings import findings_table
from models_py.parts.regressions.identities import columns_of
from models_py.parts.regressions.summary import summary_table
from models_py.parts.regressions.table import regression_tables
from tests.medpanel.report.fabricated import results, study


def rows(table: str, **values: object) -> pd.DataFrame:
    frame = results()[table]
    for name, value in values.items():
        frame = frame[frame[name] == value]
    return frame


def regression(table_no: str) -> list[ReportTable]:
    panel = province_panel(study().years)
    return regression_tables(results()["estimate"], results()["model_fit"], study(), panel, table_no, True)


# Rows of the study's own reading and sample.
OWN = {"reading": "volume", "sample": "all", "term": "exposure", "method": "cr1"}


def cell(table: ReportTable, label: str, column: int) -> str:
    [found] = [row.cells[column] for row in table.rows if label in row.label]
    return found


def test_coefficients_with_stars_over_errors():
    own, *_ = regression("Table 2")
    assert own.header == (("医疗服务绩效指数\nMedical Service Performance Index",) * 3, ("(1)", "(2)", "(3)"))
    for column, model in enumerate(("(1)", "(2)", "(3)")):
        [row] = rows("estimate", table_no="Table 2", model=model, **OWN).to_dict("records")
        expected = f"{row['estimate']:.3f}{stars(row['p_value'])}\n({row['std_error']:.3f})".replace("-", "−")
        assert cell(own, "Smart-city exposure", column) == expected
    assert cell(own, "人均地区生产总值", 0) == ""


def test_rows_under_the_coefficients():
    own, *_ = regression("Table 2")
    fits = rows("model_fit", table_no="Table 2", reading="volume", sample="all").set_index("model")
    for column, model in enumerate(("(1)", "(2)", "(3)")):
        fit = fits.loc[model]
        assert cell(own, "R² within both", column) == f"{fit['r2_within']:.3f}"
        assert cell(own, "R² within province", column) == f"{fit['r2_within_entity']:.3f}"
        assert cell(own, "R² overall", column) == f"{fit['r2']:.3f}"
        assert cell(own, "观测数 N", column) == "372" and cell(own, "Clusters", column) == "31"
        assert cell(own, "df of t", column) == "30"
        factor = re.search(r"factor ([\d.]+)", fit["note_en"])
        assert factor is not None and cell(own, "Small-sample", column) == f"{float(factor[1]):.4f}"
    for label, expected in (("Controls", "NYY"), ("Province FE", "YYY"), ("Year FE", "YYY"), ("trends", "NNY")):
        assert "".join(cell(own, label, i).split()[1][0] for i in range(3)) == expected, label


def test_readings_stand_side_by_side():
    _, beside, _ = regression("Table 2")
    assert beside.stem == "table_2_readings"
    assert [text.split("\n")[1].split()[0] for text in beside.header[0]] == ["volume"] * 3 + ["substitution"] * 3
    assert beside.header[-1] == ("(1)", "(2)", "(3)") * 2
    found = rows("estimate", table_no="Table 2", model="(2)", **{**OWN, "reading": "substitution"})
    [row] = found.to_dict("records")
    assert cell(beside, "Smart-city exposure", 4).startswith(f"{row['estimate']:.3f}".replace("-", "−"))


def test_further_versions_of_the_headline():
    *_, versions = regression("Table 2")
    assert versions.stem == "table_2_versions" and versions.header[-1] == ("(2)", "(2) 剔除2024\n(2) without 2024")
    assert cell(versions, "观测数 N", 1) == "341"


def test_columns_are_told_apart_by_their_identity():
    """Names that look like another's with something added, rows in another order than the file's."""
    columns = {"table_no": "Table 3", "reading": "volume", "sample": "all", "vintage": "", "variant": ""}
    fits = pd.DataFrame(
        [
            {**columns, "model": "HMI without trends"},
            {**columns, "model": "HMI"},
            {**columns, "model": "HMI without trends", "reading": "substitution"},
            {**columns, "model": "HMI", "vintage": "x"},
            {**columns, "model": "HMI", "sample": "without 2024"},
            {**columns, "model": "HMI", "variant": "standardised=pooled"},
        ]
    ).assign(study="mspi", estimator="twfe", weights="")
    made = columns_of(fits, results()["estimate"], study(), "Table 3")
    assert [(c.spec.model, c.of_own_reading, c.further_version) for c in made] == [
        ("HMI without trends", True, False),
        ("HMI", True, False),
        ("HMI without trends", False, False),
        ("HMI", True, True),
        ("HMI", True, True),
        ("HMI", True, True),
    ]
    # Only rows of the same identity: the trends of another column are none of this one's.
    assert len(made[1].terms) == 5 and made[0].terms.empty and made[3].terms.empty
    with pytest.raises(KeyError, match="else"):
        columns_of(fits.assign(model="else"), results()["estimate"], study(), "Table 3")


def test_an_identity_has_no_stars_and_is_called_one():
    own, *_ = regression("Table 4")
    assert cell(own, "Smart-city exposure", 0) == "0.000\n(0.000)"
    assert [cell(own, name, 0).split("\n")[0] for name in ("Service structure", "Quality", "Health management")] == [
        "0.286",
        "0.286",
        "0.429",
    ]
    notes = " ".join(note.en for note in own.notes)
    assert "SSI 2/7, QII 2/7, HMI 3/7" in notes and "nothing here is a mechanism or mediation" in notes
    assert "identity" not in " ".join(note.en for note in regression("Table 2")[0].notes)


def test_what_was_done_to_variables_and_sample():
    own, *_ = regression("Table 5")
    assert cell(own, "Winsorised", 0) == "1%" and cell(own, "Winsorised", 1) == "–"
    assert cell(own, "lag (years)", 1) == "1"
    assert cell(own, "Index weights", 2) == "第一主成分\nfirst component"
    assert "剔除直辖市" in cell(own, "Sample", 3) and cell(own, "观测数 N", 3) == "324"


def test_summary_statistics_in_natural_units():
    table = summary_table(rows("summary_statistic"), study(), province_panel(study().years), "Table 1", True)
    assert [row.label.split("\n")[0] for row in table.rows] == ["医疗服务绩效指数", "人均地区生产总值"]
    frame = rows("summary_statistic", variable="gdp_per_capita").iloc[0]
    assert table.rows[1].cells[:3] == ("元/人\nyuan per resident", "372", f"{frame['mean']:,.0f}")
    # The mean of a standardised variable is rounding, and prints as zero.
    assert table.rows[0].cells[2] == "0.000"
    assert table.rows[0].cells[-2:] == ("西藏自治区\nTibet 2013", "吉林省\nJilin 2024 (+14)")


def test_findings_in_their_order_and_neutralised():
    table = findings_table(rows("finding"), study(), True)
    assert [row.label.split()[0] for row in table.rows] == ["F-M2", "F-M10"]
    assert frame_of(safe(table)).iloc[0, 2] == "'=2/7"


HOSTILE = "=cmd()|'/c calc'!A1"


def hostile(synthetic: bool = True) -> ReportTable:
    text = Text(zh='标题 & <b> 50% _x_ {y} "', en="Title & <script>alert(1)</script> #1 ~ ^ \\")
    rows = (
        Row(HOSTILE, ("−0.123***\n(0.040)", "[0.1, 0.2]")),
        Row("@label|pipe\nsecond", ("+1", "< 0.001"), 1),
        Row("R² a_b", ("*", "×"), 1),
    )
    return ReportTable("t", text, (("-head", "p < 0.05"),), rows, (text,), synthetic)


def test_text_that_could_be_a_formula_is_neutralised():
    frame = frame_of(safe(hostile()))
    assert frame.index.get_level_values(1).tolist() == [f"'{HOSTILE}", "'@label|pipe\nsecond", "R² a_b"]
    assert frame.columns.tolist() == ["'-head", "p < 0.05"]
    assert frame.iloc[1, 0] == "'+1" and frame.iloc[0, 0] == "−0.123***\n(0.040)"


def test_html_escapes():
    made = html_fragment(hostile())
    assert (
        "<script>" not in made and "&lt;script&gt;" in made and html.escape(HOSTILE) in made.replace("&#x27;", "&#x27;")
    )


def test_latex_escapes_and_balances():
    made = latex(hostile(), "x")
    for part in (
        r"Title \& ",
        r"50\% \_x\_ \{y\}",
        r"\#1",
        r"\textasciitilde{}",
        r"\textasciicircum{}",
        r"\textbackslash{}",
    ):
        assert part in made, part
    assert r"$-$0.123\textsuperscript{***}\linebreak (0.040)" in made
    # A bracket after a line break would be read as its argument.
    assert not re.search(r"\\\\\s*[\[*]", made)
    body = re.sub(r"\\[{}]", "", made)
    assert body.count("{") == body.count("}")
    begun = re.findall(r"\\begin\{(\w+)\}", made)
    assert sorted(begun) == sorted(re.findall(r"\\end\{(\w+)\}", made)) and "table" in begun
    for line in made.splitlines():
        if line.endswith(r"\\") and "multicolumn" not in line:
            assert len(re.findall(r"(?<!\\)&", line)) == 2, line


def test_markdown_escapes():
    made = markdown(hostile())
    assert r"−0.123\*\*\*<br>(0.040)" in made and r"'@label\|pipe<br>second" in made
    lines = [line for line in made.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {4}


@pytest.mark.parametrize("render", [html_fragment, lambda t: latex(t, "x"), markdown])
def test_the_mark_of_synthetic_data(render):
    assert "SYNTHETIC" in render(hostile(True)) and "合成数据" in render(hostile(True))
    assert "SYNTHETIC" not in render(hostile(False)) and "合成数据" not in render(hostile(False))


def test_a_long_table_becomes_several_floats():
    many = ReportTable(
        "t", Text(zh="长", en="long"), (("a", "b"),), tuple(Row(f"r{i}", ("1", "2")) for i in range(90)), (), False
    )
    made = latex(many, "x")
    assert made.count(r"\begin{table}") == 3 and made.count("(continued)") == 2
    assert all(f"r{i} &" in made for i in range(90))
    assert r"\label{tab:x}" in made and r"\label{tab:x-3}" in made
