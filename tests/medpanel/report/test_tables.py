"""What stands in a report's tables: numbers against the results, layout, notes, safety of cells."""

import html
import io
import re
import shutil
import subprocess

import pandas as pd
import pytest
from docx import Document
from rich.markdown import Markdown

from catalog.base import UNPRINTABLE, Text
from catalog.identity import Identity
from catalog.parts import regressions
from medpanel.report.columns import halves, halves_of, needed, room, safe
from medpanel.report.html_table import html_fragment
from medpanel.report.latex import document, latex
from medpanel.report.markdown import markdown
from medpanel.report.shell import html_page
from medpanel.report.word import docx
from models_py.figures.show import LANGS
from models_py.figures.table import PrintedTable, ReportTable, Row, stars
from models_py.figures.text import width
from models_py.panel import province_panel
from models_py.parts.findings import findings_table
from models_py.parts.regressions.described import model_label, purpose
from models_py.parts.regressions.identities import columns_of
from models_py.parts.regressions.summary import summary_table
from models_py.parts.regressions.table import regression_tables
from tests.medpanel.report.fabricated import results, study
from tests.models_py.changing import with_part


def rows(table: str, **values: object) -> pd.DataFrame:
    frame = results()[table]
    for name, value in values.items():
        frame = frame[frame[name] == value]
    return frame


def made_of(table_no: str) -> list[ReportTable]:
    panel = province_panel(study().years)
    return regression_tables(results()["estimate"], results()["model_fit"], study(), panel, table_no, True)


def regression(table_no: str) -> list[PrintedTable]:
    return [table.printed("en") for table in made_of(table_no)]


# Rows of the study's own reading and sample.
OWN = {"reading": "volume", "sample": "all", "term": "exposure", "method": "cr1"}


def cell(table: PrintedTable, label: str, column: int) -> str:
    [found] = [row.cells[column] for row in table.rows if label in row.label]
    return found


def test_coefficients_with_stars_over_errors():
    own, *_ = regression("Table 2")
    assert own.header == (("Medical Service Performance Index",) * 3, ("(1)", "(2)", "(3)"))
    for column, model in enumerate(("(1)", "(2)", "(3)")):
        [row] = rows("estimate", table_no="Table 2", model=model, **OWN).to_dict("records")
        expected = f"{row['estimate']:.3f}{stars(row['p_value'])}\n({row['std_error']:.3f})".replace("-", "−")
        assert cell(own, "Smart-city exposure", column) == expected
    assert cell(own, "ln gross regional product", 0) == ""
    # The unit stands where the coefficient stands, in both languages.
    assert "Smart-city exposure\n[SD per unit of share (0 to 1)]" in [row.label for row in own.rows]
    assert made_of("Table 2")[0].printed("zh").rows[0].label == "智慧城市试点暴露度\n[标准差／单位占比（0至1）]"


def test_rows_under_the_coefficients():
    own, *_ = regression("Table 2")
    fits = rows("model_fit", table_no="Table 2", reading="volume", sample="all").set_index("model")
    for column, model in enumerate(("(1)", "(2)", "(3)")):
        fit = fits.loc[model]
        # One of the three in print.
        assert cell(own, "R²", column) == f"{fit['r2_within_entity']:.3f}"
        assert [row.cells[column] for row in own.rows if row.label == "N"] == ["372"] and cell(
            own, "Clusters", column
        ) == "31"
        assert cell(own, "df of t", column) == "30"
        factor = re.search(r"factor ([\d.]+)", fit["note_en"])
        assert factor is not None and cell(own, "Small-sample", column) == f"{float(factor[1]):.4f}"
    for label, expected in (("Controls", "NYY"), ("Province FE", "YYY"), ("Year FE", "YYY"), ("trends", "NNY")):
        assert "".join(cell(own, label, i)[0] for i in range(3)) == expected, label


def test_readings_stand_side_by_side():
    _, beside, _ = regression("Table 2")
    assert beside.stem == "table_2_readings"
    assert [text.split()[0] for text in beside.header[0]] == ["volume"] * 3 + ["substitution"] * 3
    assert beside.header[-1] == ("(1)", "(2)", "(3)") * 2
    found = rows("estimate", table_no="Table 2", model="(2)", **{**OWN, "reading": "substitution"})
    [row] = found.to_dict("records")
    assert cell(beside, "Smart-city exposure", 4).startswith(f"{row['estimate']:.3f}".replace("-", "−"))


def test_further_versions_of_the_headline():
    *_, versions = regression("Table 2")
    assert versions.stem == "table_2_versions" and versions.header[-1] == ("(2)", "(2) without 2024")
    assert [row.cells[1] for row in versions.rows if row.label == "N"] == ["341"]


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
    notes = own.remarks
    assert "Column (1) is an identity" in notes
    assert "SSI 2/7, QII 2/7, HMI 3/7" in notes and "nothing here is a mechanism or mediation" in notes
    assert "identity" not in regression("Table 2")[0].remarks


def test_what_was_done_to_variables_and_sample():
    own, *_ = regression("Table 5")
    assert cell(own, "Winsorised", 0) == "1%" and cell(own, "Winsorised", 1) == "–"
    assert cell(own, "lag (years)", 1) == "1"
    assert cell(own, "Index weights", 2) == "first component"
    assert cell(own, "Sample", 3) == "no municipalities"
    assert [row.cells[3] for row in own.rows if row.label == "N"] == ["324"]


def test_titles_say_what_a_table_is_for_and_columns_are_numbers():
    titles = {number: made_of(f"Table {number}")[0] for number in (2, 3, 4, 5)}
    assert [table.number for table in titles.values()] == ["2", "3", "4", "5"]
    assert titles[5].title.en.startswith("Robustness: ") and titles[5].title.zh.startswith("稳健性检验：")
    assert titles[5].heading.en.startswith("Table 5. [SYNTHETIC] Robustness")
    # By their places among the models declared, not by their ids.
    assert titles[5].header[-1] == ("(1)", "(2)", "(3)", "(5)") and titles[3].header[-1] == ("(3)",)
    undeclared = with_part(study(), regressions.Options, titles={})
    assert purpose(undeclared, "Table 2").en == "Main results"
    assert purpose(undeclared, "Table 5").en == "Further specifications"
    with pytest.raises(ValueError, match="titles: no model is declared in Table 9"):
        with_part(study(), regressions.Options, titles={"Table 9": {"en": "x", "zh": "y"}})


@pytest.mark.parametrize(
    ("table_no", "model", "columns", "english"),
    [
        ("Table 2", "(2)", {}, "(2)"),
        ("Table 2", "(1)", {}, "(1) no controls"),
        ("Table 2", "(3) region x year", {}, "(4) region × year effects"),
        ("Table 3", "HMI", {}, "(3) Health management index, province trends"),
        ("Table 5", "(1)", {}, "(1) winsorised 1%"),
        ("Table 5", "(3) entropy", {}, "(4) index weights: entropy"),
        ("Table 5", "without municipalities", {"sample": "without municipalities"}, "(5) without municipalities"),
        (
            "Table 5",
            "without municipalities",
            {"sample": "without municipalities, without 2024", "reading": "substitution"},
            "(5) without municipalities, substitution reading (less use is higher), without 2024",
        ),
        # The event study is of the headline's model; its own name for a table is no declared one.
        ("Event study", "(2)", {"variant": "threshold=0.4"}, "(2) above 0.4"),
        ("Event study", "unknown", {}, "unknown"),
    ],
)
def test_models_are_described(table_no, model, columns, english):
    label = model_label(study(), Identity("mspi", table_no, model, **{"reading": "volume", **columns}).columns)
    assert label.en == english


def test_summary_statistics_in_natural_units():
    table = summary_table(rows("summary_statistic"), study(), province_panel(study().years), "Table 1", True)
    assert [row.label.zh for row in table.rows] == ["医疗服务绩效指数", "人均地区生产总值"]
    frame = rows("summary_statistic", variable="gdp_per_capita").iloc[0]
    assert table.printed("en").rows[1].cells[:3] == ("yuan per resident", "372", f"{frame['mean']:,.0f}")
    # The mean of a standardised variable is rounding, and prints as zero.
    assert table.rows[0].cells[2] == "0.000"
    assert table.printed("en").rows[0].cells[-2:] == ("Tibet 2013", "Jilin 2024 (+14)")
    assert table.printed("zh").rows[0].cells[-2:] == ("西藏自治区 2013", "吉林省 2024 (+14)")


def test_findings_in_their_order_and_neutralised():
    table = findings_table(rows("finding"), study(), True)
    assert [row.label.split()[0] for row in table.printed("en").rows] == ["F-M2", "F-M10"]
    assert safe(table.printed("en")).rows[0].cells[2] == "'=2/7"


HOSTILE = "=cmd()|'/c calc'!A1"


def hostile(synthetic: bool = True, lang="en") -> PrintedTable:
    text = Text(zh='标题 & <b> 50% _x_ {y} "', en="Title & <script>alert(1)</script> #1 50% _x_ {y} ~ ^ \\")
    rows = (
        Row(HOSTILE, ("−0.123***\n(0.040)", "[0.1, 0.2]")),
        Row("@label|pipe\nsecond", ("+1", "< 0.001"), 1),
        Row("R² a_b", ("*", "×"), 1),
    )
    return ReportTable("t", text, (("-head", "p < 0.05"),), rows, (text,), synthetic).printed(lang)


def test_text_that_could_be_a_formula_is_neutralised():
    made = safe(hostile())
    assert [row.label for row in made.rows] == [f"'{HOSTILE}", "'@label|pipe\nsecond", "R² a_b"]
    assert made.header == (("'-head", "p < 0.05"),)
    assert made.rows[1].cells[0] == "'+1" and made.rows[0].cells[0] == "−0.123***\n(0.040)"


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
    assert r"[r]{$-$0}" in made and r"{.123\textsuperscript{***}}}\linebreak \mbox" in made
    # A bracket after a line break would be read as its argument.
    assert not re.search(r"\\\\\s*(?:\[(?!0\.3ex\])|\*)", made)
    body = re.sub(r"\\[{}]", "", made)
    assert body.count("{") == body.count("}")
    begun = re.findall(r"\\begin\{(\w+)\}", made)
    assert sorted(begun) == sorted(re.findall(r"\\end\{(\w+)\}", made)) and "table" in begun
    for line in made.splitlines():
        if line.endswith((r"\\", r"\\[0.3ex]")) and "multicolumn" not in line:
            assert len(re.findall(r"(?<!\\)&", line)) == 2, line


def test_latex_columns_hold_numbers_under_each_other_and_end_at_the_line() -> None:
    """Boxes of an overfull line: the longest before and the longest after the point, and a header over the last
    columns, which brings room of its own."""
    rows = (Row("long", ("221,059", "1")), Row("decimals", ("0.123***", "2")))
    title, header = Text(zh="表", en="Table"), (("both", "both"), ("(1)", "(2)"))
    table = ReportTable("t", title, header, rows, (), False).printed("en")
    assert needed(table)[1] >= width("221,059") + width(".123***")
    [merged] = [line for line in latex(table, "x").splitlines() if "multicolumn" in line]
    assert re.search(r"\\multicolumn\{2\}\{[^&]*\\linewidth\}@\{\}\}\{both\}", merged)
    three = ReportTable(
        "t", title, (("both", "both", "own"), ("(1)", "(2)", "(3)")), (Row("x", ("1", "2", "3")),), (), False
    ).printed("en")
    [merged] = [line for line in latex(three, "x").splitlines() if "multicolumn" in line]
    assert merged.count("@{}") == 1 and merged.index("both") < merged.index("@{}")


# What LaTeX, XML and Markdown each choke on, in every place a text can stand.
NASTY = (
    '\nA % $x$ #1 & _b_ {c} ~ ^ \\\\ \\input{/etc/passwd} ^^M `?` ``q" \x01\x0c\ud800\u202e\uffff\r\n\n[d] '
    "<i>&amp;</i> 中文\n"
)


def nasty(lang="en") -> PrintedTable:
    text = Text(zh=NASTY, en=NASTY)
    rows = (Row(text, (text, text)), Row(NASTY, (NASTY, NASTY), 1))
    return ReportTable("t", text, ((text, text), (text, "b")), rows, (text,), True, (1,)).printed(lang)


@pytest.mark.parametrize("bad", ["\x00", "\x1b", "\ud800", "\u202e", "\ufffe"])
def test_a_text_holds_nothing_that_cannot_be_printed(bad):
    assert Text(zh=f"中{bad}文", en=f"a{bad}").zh == "中\ufffd文"
    assert Text(zh="中\r\n文", en="a\tb – “q” R² ①") == Text(zh="中\n文", en="a\tb – “q” R² ①")


def test_nothing_that_cannot_be_printed_reaches_a_file():
    made = nasty()
    texts = [
        made.caption,
        made.remarks,
        *sum(made.header, ()),
        *(t for row in made.rows for t in (row.label, *row.cells)),
    ]
    assert all(not UNPRINTABLE.search(text) for text in texts) and "\ufffd" in made.caption


def test_latex_takes_every_text_for_what_it_says():
    made = latex(nasty(), "x")
    assert "\\input" not in made and "textbackslash{}input" in made
    assert (
        "^^" not in made
        and "`" not in made
        and not re.search(r"(?<!\\)[%#$](?!-|\\leq)", made.split("\n", 1)[1].replace("$<$", "").replace("$>$", ""))
    )
    # No cell begins with the end of a line, and no caption holds a paragraph.
    assert not re.search(r"(?:&|^)\s*\\(?:newline|linebreak)", made, re.MULTILINE)
    assert "\n\n" not in made


@pytest.mark.skipif(shutil.which("xelatex") is None, reason="compiling needs XeLaTeX; the escapes are tested above")
def test_latex_of_hostile_texts_compiles(tmp_path):
    for lang in LANGS:
        (tmp_path / f"{lang}.tex").write_text(
            latex(nasty(lang), lang) + latex(hostile(lang=lang), f"h-{lang}"), "utf-8"
        )
        (tmp_path / f"all_{lang}.tex").write_text(document([(lang, "")], lang), "utf-8")
        command = ["xelatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", f"all_{lang}.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, errors="replace")
        assert done.returncode == 0, done.stdout[-3000:]
        assert (tmp_path / f"all_{lang}.pdf").stat().st_size > 1000


def test_word_opens_hostile_texts():
    for lang in LANGS:
        document_ = Document(io.BytesIO(docx(nasty(lang))))
        [table] = document_.tables
        assert "\\input{/etc/passwd}" in table.cell(2, 0).text and "<i>&amp;</i>" in table.cell(2, 0).text
        assert "\ufffd" in document_.core_properties.title


def test_html_of_hostile_texts_holds_no_element_of_theirs():
    made = html_page(Text(zh="题", en="t"), html_fragment(nasty()))
    assert "<i>" not in made and "&lt;i&gt;&amp;amp;&lt;/i&gt;" in made


ACTIVE = (
    "![p](https://evil.example/p.png) [l](javascript:x) <img src=x onerror=y> <https://evil.example> "
    "https://evil.example www.evil.example a@evil.example &lt;b&gt; **b** `c`"
)


def tokens(text: str) -> list[str]:
    """Kinds of everything Markdown makes of a text."""
    return [one.type for token in Markdown(text).parsed for one in (token, *(token.children or []))]


def test_markdown_shows_hostile_texts_as_text():
    text = Text(zh=ACTIVE, en=ACTIVE)
    made = markdown(ReportTable("t", text, ((text,),), (Row(text, (text,)),), (text,), True).printed("en"))
    kinds = set(tokens(made.replace("<br>", " ")))
    assert "table_open" in kinds
    assert not kinds & {"image", "link_open", "html_inline", "html_block", "code_inline", "em_open"}
    assert {"image", "link_open", "html_inline", "code_inline"} <= set(tokens(ACTIVE))  # the control


def test_markdown_escapes():
    made = markdown(hostile())
    assert r"−0.123\*\*\*<br>(0.040)" in made and r"'@label\|pipe<br>second" in made
    lines = [line for line in made.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {4}


@pytest.mark.parametrize("render", [html_fragment, lambda t: latex(t, "x"), markdown])
def test_the_mark_of_synthetic_data(render):
    for lang, mark in (("zh", "合成数据"), ("en", "SYNTHETIC")):
        assert mark in render(hostile(True, lang)) and mark not in render(hostile(False, lang))


def long(rows: int = 90, notes=()) -> PrintedTable:
    text = Text(zh="长", en="long")
    body = tuple(Row(f"r{i}", ("1", "2")) for i in range(rows))
    return ReportTable("t", text, (("a", "b"),), body, notes, False, number="7").printed("en")


def test_a_long_table_becomes_several_floats_of_one_number():
    made = latex(long(90, (Text(zh="注", en="Last."),)), "x")
    assert made.count(r"\begin{table}") == 2 and made.count("(continued)") == made.count(r"\ContinuedFloat") == 1
    assert all(f"r{i} &" in made for i in range(90))
    # A caption LaTeX numbers, without the study's own number, referred to once; notes under the last piece.
    assert r"\caption{long}\label{tab:x}" in made and made.count(r"\label") == 1 and "Table 7" not in made
    assert made.count("Last.") == 1 and made.index("Last.") > made.index("r89")


def test_the_document_of_all_tables_is_a4_and_keeps_the_studys_numbers():
    made = document([("a.tex", "2"), ("b.tex", "")], "en")
    assert "a4paper" in made and "scheme=plain" in made and "scheme" not in document([], "zh")
    assert r"{\renewcommand{\thetable}{2}\input{a.tex}\addtocounter{table}{-1}}\clearpage" in made
    assert r"\input{b.tex}\clearpage" in made and r"\thetable}{A\arabic{table}}" in made


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("0.123***", ("0", ".123***")),
        ("(0.045)", ("(0", ".045)")),
        ("−12,345", ("−12,345", "")),
        ("51.2%", ("51", ".2%")),
        ("−4.0e−05", ("−4", ".0e−05")),
        ("[0.1, 0.2]", None),
        ("< 0.001", None),
        ("Yes", None),
        ("(1)", ("(1", ")")),
        ("", None),
    ],
)
def test_numbers_are_parted_at_the_decimal_point(line, expected):
    assert halves_of(line) == expected


def test_numbers_of_a_column_have_their_points_under_each_other():
    table = made_of("Table 2")[0].printed("en")
    column = halves(table)[1]
    assert len(column.head) == len("372") and column.tail.endswith("***")
    page = html_fragment(table)
    assert f'<span class="n"><span style="width:{len(column.head)}ch">0</span>' in page
    made = latex(table, "x")
    boxes = set(re.findall(r"\\makebox\[([\d.]+)em\]\[r\]", made))
    assert len(boxes) <= len(table.header[0])


@pytest.mark.parametrize("lang", LANGS)
def test_columns_hold_their_longest_word(lang):
    table = ReportTable(
        "t",
        Text(zh="题", en="t"),
        (("h", "incomprehensibilities", "p"),),
        (Row(Text(zh="很长的标签" * 9, en="a label of several words " * 5), ("1", "[−0.123, 0.456]", "x y")),),
        (),
        False,
    ).printed(lang)
    least, given = needed(table), room(table, 60)
    assert sum(given) == pytest.approx(60)
    assert all(have >= need for have, need in zip(given, least, strict=True))
    assert least[2] >= width("incomprehensibilities") and least[1] < 3
    # Too little for all words: what there is, in proportion.
    assert sum(room(table, 5)) == pytest.approx(5)


def test_word_turns_the_page_for_what_does_not_fit_upright():
    narrow = long(3)
    wide = ReportTable("t", Text(zh="题", en="t"), (tuple(f"column{i}" for i in range(12)),), (), (), False)
    pages = {name: Document(io.BytesIO(docx(one))).sections[0] for name, one in (
        ("narrow", narrow), ("wide", wide.printed("en"))
    )}  # fmt: skip
    assert pages["narrow"].page_width < pages["narrow"].page_height
    assert pages["wide"].page_width > pages["wide"].page_height
    assert {round(side.cm, 1) for one in pages.values() for side in (one.page_width, one.page_height)} == {21.0, 29.7}
