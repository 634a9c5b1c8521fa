"""Faults of YAML files: line, key, what stands there and what is meant, in both languages; scalars without quotes."""

import ast
import datetime as dt
import re
from pathlib import Path

import pytest
import yaml

from catalog import Sources, load_sources, load_study
from catalog.base import CATALOG_DIR, CatalogError, read_yaml
from catalog.declarations.corrections import load_corrections
from catalog.declarations.mapping import with_mappings
from catalog.studies import STUDIES_DIR
from catalog.yaml_text import match_of, yaml_text

HEAD = "data_kind: real\nstudies: [expenditure_gdp]\nvintages: [2024]\nfiles:\n"
WHO = "    publisher: x\n    licence: no\n    accessed: 20261129\n"
ENTRY = f"  - match: a.csv\n    vintage: 2024\n{WHO}"


def declared(folder: Path, text: str) -> Sources:
    path = folder / "sources.yaml"
    path.write_text(text, encoding="utf-8")
    return load_sources(path)[0]


def told(folder: Path, text: str) -> list[str]:
    """The lines of the refusal, without the file's name."""
    with pytest.raises(CatalogError) as refusal:
        declared(folder, text)
    path = str(folder / "sources.yaml")
    return [line.removeprefix(path) for line in str(refusal.value).splitlines()]


def test_numbers_days_and_words_without_quotes_are_taken_as_typed(tmp_path: Path) -> None:
    more = "    unit: 1\n    note: 1.10\n    entity_column: 007\n    columns: {2020: {indicator: gdp}}\n"
    flow = "    flow: {network: a, direction: in, unit: index, period: 2017-10-19, origin: no, destination: 12:30}\n"
    [entry] = declared(tmp_path, HEAD + ENTRY + more + flow).files
    assert (entry.vintage, entry.licence, entry.unit, entry.note) == ("2024", "no", "1", "1.10")
    assert (entry.entity_column, list(entry.columns), entry.accessed) == ("007", ["2020"], dt.date(2026, 11, 29))
    assert entry.flow is not None
    assert (entry.flow.period, entry.flow.origin, entry.flow.destination) == ("2017-10-19", "no", "12:30")


def test_texts_of_studies_corrections_and_mappings_are_too(tmp_path: Path) -> None:
    text = (STUDIES_DIR / "mspi.yaml").read_text(encoding="utf-8")
    (tmp_path / "mspi.yaml").write_text(text.replace("model: (1)", "model: 1"), encoding="utf-8")
    assert load_study(tmp_path / "mspi.yaml").id == "mspi"
    row = (
        "file: a.csv, cell: B5, province_code: 110000, year: 2014, indicator: gdp, value: 2.5, source: 1, status: open"
    )
    (tmp_path / "c.yaml").write_text(f"corrections:\n  - {{{row}, expect: 1, reason: no}}\n", encoding="utf-8")
    [correction] = load_corrections(tmp_path / "c.yaml")
    assert (correction.expect, correction.reason, correction.source) == ("1", "no", "1")
    table = "{regions: {down: 1}, years: {entry: true}, sheet: 2020, columns: [{header: 2020, indicator: gdp}]}"
    (tmp_path / "m.yaml").write_text(f"tables: [{table}]\n", encoding="utf-8")
    mapping = with_mappings({"files": [{"match": "a", "mapping": "m.yaml"}]}, tmp_path, tmp_path)["files"][0]["mapping"]
    assert (mapping.tables[0].sheet, mapping.tables[0].columns[0].header) == ("2020", "2020")


@pytest.mark.parametrize(
    "day", ["2026-11-29", '"2026-11-29"', "20261129", "2026/11/29", "2026年11月29日", "2026.11.29"]
)
def test_days_may_be_written_in_these_ways(tmp_path: Path, day: str) -> None:
    assert declared(tmp_path, (HEAD + ENTRY).replace("20261129", day)).files[0].accessed == dt.date(2026, 11, 29)


@pytest.mark.parametrize(
    ("old", "new", "english", "chinese"),
    [
        ("vintage: 2024\n", "vintag: 2024\n", ", line 6: files.0.vintag: unknown key; did you mean `vintage`?",
         " 第6行：files.0.vintag：没有这样的键；是否应为“vintage”？"),
        ("    vintage: 2024\n", "",
         ", line 5: files.0.vintage: this key is missing; write, for example, `vintage: \"2024\"`",
         " 第5行：files.0.vintage：缺少此键；例如写作“vintage: \"2024\"”"),
        ("vintage: 2024\n", "vintage:\n", ", line 6: files.0.vintage: nothing is written there",
         " 第6行：files.0.vintage：此处未填写"),
        ("vintage: 2024\n", "vintage: 2023\n",
         ", line 6: files.0.vintage: unknown vintage (no entry of `vintages`) '2023'; known: 2024; did you mean "
         "`2024`?",
         " 第6行：files.0.vintage：无法识别的版本（vintages 中没有）“2023”；可用：2024；是否应为“2024”？"),
        ("vintage: 2024\n", "vintage: 2024\n    indicator: gdpp\n",
         ", line 7: files.0.indicator: unknown indicator 'gdpp'; known: gdp, registered_population, …; did you mean "
         "`gdp`?",
         " 第7行：files.0.indicator：无法识别的指标“gdpp”；可用：gdp, registered_population, …；是否应为“gdp”？"),
        ("vintage: 2024\n", "vintage: 2024\n    columns:\n      a: {indicator: gdp, unit: 亿圆}\n",
         ", line 8: files.0.columns.a.unit: unknown unit '亿圆'; known: 亿元, 亿人, 亿人次, …; did you mean `亿元`?",
         " 第8行：files.0.columns.a.unit：无法识别的单位“亿圆”；可用：亿元, 亿人, 亿人次, …；是否应为“亿元”？"),
        ("vintage: 2024\n", "vintage: 2024\n    key: no\n",
         ", line 7: files.0.key: Input should be 'code' or 'name'; found `no`",
         " 第7行：files.0.key：应为 'code' 或 'name'；所写为“no”"),
        ("accessed: 20261129", "accessed: 2026-02-30",
         ", line 9: files.0.accessed: no day there is; write it as 2026-11-29",
         " 第9行：files.0.accessed：不是有效日期；请写作 2026-11-29"),
        ("[expenditure_gdp]", "[expendture_gdp]",
         ", line 2: studies.0: unknown study 'expendture_gdp'; known: coupling, coupling_real, digital_finance, "
         "expenditure_gdp, imbalance, inequality, mobility, mobility_real, mspi, mspi_latest; "
         "did you mean `expenditure_gdp`?",
         " 第2行：studies.0：无法识别的研究“expendture_gdp”；可用：coupling, coupling_real, "
         "digital_finance, expenditure_gdp, imbalance, inequality, mobility, mobility_real, mspi, "
         "mspi_latest；是否应为“expenditure_gdp”？"),
        ("data_kind: real", "data_knd: real", ", line 1: data_knd: unknown key; did you mean `data_kind`?",
         " 第1行：data_knd：没有这样的键；是否应为“data_kind”？"),
        (ENTRY, "    - match: a.csv\n      vintage：2024\n",
         ", line 6: not readable as YAML: full-width punctuation (：，“”) is typed where YAML needs its half-width "
         'form (: , ")',
         ' 第6行：无法按 YAML 读取：此处用了全角标点（：，“”），请改用半角（: , "）'),
        ("vintage: 2024\n", "vintage: 2024\n    unit: %\n",
         ", line 7: not readable as YAML: put a value with a mark such as % * [ # or a colon in quotes, as in unit: "
         '"%"', " 第7行：无法按 YAML 读取：含 %、*、[、# 或冒号等符号的值请加引号，例如 unit: \"%\""),
        ("match: a.csv", "match: *.csv",
         ", line 5: not readable as YAML: put a value with a mark such as % * [ # or a colon in quotes, as in unit: "
         '"%"', " 第5行：无法按 YAML 读取：含 %、*、[、# 或冒号等符号的值请加引号，例如 unit: "
         '"%"'),
        ("    vintage: 2024\n", "\tvintage: 2024\n",
         ", line 6: not readable as YAML: a tab is typed where YAML needs spaces",
         " 第6行：无法按 YAML 读取：此处用了制表符，请改用空格"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_once_with_its_line(
    tmp_path: Path, old: str, new: str, english: str, chinese: str
) -> None:
    text = HEAD + ENTRY
    assert old in text
    assert told(tmp_path, text.replace(old, new, 1)) == [english, chinese]


def test_no_complaint_follows_from_another(tmp_path: Path) -> None:
    """A list whose one entry is wrong is not also too short."""
    lines = told(tmp_path, (HEAD + ENTRY).replace("publisher: x", "publisher: [x]"))
    assert len(lines) == 2 and "files.0.publisher: Input should be text" in lines[0]


def test_a_head_that_is_missing_is_written_out_and_loads_when_pasted(tmp_path: Path) -> None:
    for text in (f"files:\n{ENTRY}", ENTRY.replace("\n  ", "\n")[2:]):
        lines = told(tmp_path, text)
        at = lines.index("write at the top of the file / 请写在文件开头:")
        assert declared(tmp_path, "\n".join([*lines[at + 1 :], text])).files[0].vintage == "2024"
    assert any('vintages: ["…"]' in line or 'vintages: ["2024"]' in line for line in told(tmp_path, ""))


def test_a_file_in_another_encoding_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes("中文: 是".encode("gbk"))
    with pytest.raises(CatalogError, match="not text in UTF-8") as refusal:
        read_yaml(tmp_path / "a.yaml")
    assert "请在编辑器中另存为 UTF-8" in str(refusal.value)


@pytest.mark.parametrize("name", ["数据[1].csv", "数据 #2.csv", "a*b?.csv", "- x.csv", "plain.csv", "2024.csv", "no"])
def test_a_match_reads_as_it_is_printed(tmp_path: Path, name: str) -> None:
    """To the letter, where no YAML mark is in it; and as `inspect` prints it, which is pasted."""
    [pasted] = yaml.safe_load(f"- match: {match_of(name)}")
    entry = {"vintage": "v", "publisher": "p", "licence": "l"}
    sources = Sources(data_kind="real", studies=(), vintages=("v",), files=({**entry, **pasted},))
    assert sources.find(name) is not None and sources.find("other.csv") is None
    literal = Sources(data_kind="real", studies=(), vintages=("v",), files=({**entry, "match": name},))
    assert literal.find(name) is not None
    assert yaml.safe_load(yaml_text(name)) == name


def told_by(path: Path) -> list[str]:
    """What the refusals of a module say: the literal parts of the second item of each pair given to `refuse`."""
    calls = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "refuse"
    ]
    pairs = [pair for call in calls for pair in ast.walk(call) if isinstance(pair, ast.Tuple) and len(pair.elts) == 2]
    messages = [pair.elts[1] for pair in pairs if isinstance(pair.elts[1], ast.JoinedStr | ast.Constant)]
    return [
        "".join(str(part.value) for part in ast.walk(message) if isinstance(part, ast.Constant)) for message in messages
    ]


@pytest.mark.parametrize("path", sorted((CATALOG_DIR / "declarations").glob("*.py")), ids=lambda path: path.name)
def test_what_a_declaration_is_refused_for_is_told_in_both_languages(path: Path) -> None:
    only_one = [text for text in told_by(path) if " " in text and not re.search(r"[\u4e00-\u9fff]", text)]
    assert only_one == []


def test_a_refusal_in_one_language_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text('refuse((x, f"{y} is wrong here"), (z, "no good / 不行"))\n', encoding="utf-8")
    assert [re.search(r"[\u4e00-\u9fff]", text) is None for text in told_by(path)] == [True, False]


@pytest.mark.parametrize(("written", "near"), [("西臧", "西藏"), ("Tibbet", "Tibet"), ("54000", "540000")])
def test_an_unknown_province_is_told_with_the_nearest_one(tmp_path: Path, written: str, near: str) -> None:
    english, chinese = told(tmp_path, HEAD + ENTRY + f"    provinces_absent: [北京, {written}]\n")
    assert english.startswith(f", line 10: files.0.provinces_absent.1: unknown province '{written}'; known: ")
    assert english.endswith(f"did you mean `{near}`?") and chinese.endswith(f"是否应为“{near}”？")
    assert f"无法识别的省份“{written}”" in chinese
