"""Value labels that are figures, marks of missing figures, and characters that show nothing, in every container."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

from catalog import Source, load_provinces, load_registry
from catalog.characters import plain, plain_data
from catalog.declarations.loading import load_sources
from ingestion import FileReading
from ingestion.vocabulary.numbers import is_missing, mark_key, parse_number, wrong_figure
from medpanel.inspection.proposing import propose
from tests.ingestion.conftest import PROVINCES, SHORT, codes, nbs_text

Read = Callable[..., FileReading]
DECLARED: dict[str, Any] = {
    "layout": "long_panel",
    "entity_column": "prov",
    "year_column": "year",
    "columns": {
        "gdp": {"indicator": "gdp", "unit": "亿元"},
        "people": {"indicator": "resident_population", "unit": "万人"},
    },
}
FIGURES = [f"{3000 + 10 * number}.5" for number in range(31)]
CODED = {float(number): text for number, text in enumerate(FIGURES, start=1)}
FRAME = pd.DataFrame({"prov": SHORT, "year": [2019.0] * 31, "gdp": [*CODED], "people": [1000.0 + n for n in range(31)]})


def in_gbk(value: Any) -> Any:
    return value.encode("gbk").decode("latin-1") if isinstance(value, str) else value


def stata(frame: pd.DataFrame, labels: dict[str, dict[float, str]], tmp_path: Path, version: int = 118) -> bytes:
    whole = {name: {int(code): label for code, label in own.items()} for name, own in labels.items()}
    frame = frame.astype(dict.fromkeys(whole, int))
    if version < 118:  # these know no encoding; offices wrote GBK into them
        frame, whole = (
            frame.map(in_gbk),
            {name: {code: in_gbk(label) for code, label in own.items()} for name, own in whole.items()},
        )
    frame.to_stata(tmp_path / "made.dta", write_index=False, version=version, value_labels=whole)
    return (tmp_path / "made.dta").read_bytes()


def spss(frame: pd.DataFrame, labels: dict[str, dict[float, str]], tmp_path: Path, compress: bool = False) -> bytes:
    pyreadstat.write_sav(frame, str(tmp_path / "made.sav"), variable_value_labels=labels, compress=compress)
    return (tmp_path / "made.sav").read_bytes()


CONTAINERS = [
    ("a.dta", stata),
    ("old.dta", lambda *of: stata(*of, version=117)),
    ("a.sav", spss),
    ("a.zsav", lambda *of: spss(*of, compress=True)),
]


@pytest.mark.parametrize(("name", "write"), CONTAINERS)
def test_labels_that_are_other_figures_refuse_their_column_by_name(
    read: Read, tmp_path: Path, name: str, write: Callable[..., bytes]
) -> None:
    reading = read(write(FRAME, {"gdp": CODED}, tmp_path), name, **DECLARED)
    assert codes(reading) == {"encoded_figures"}
    [record] = [record for record in reading.rejected_row if record["code"] == "encoded_figures"]
    assert record["cell"] == "gdp" and "encode" in record["reason"] and "encode" in record["reason_zh"]
    assert "1 = 3000.5" in record["reason"]
    assert {observation["indicator"] for observation in reading.observation} == {"resident_population"}


@pytest.mark.parametrize(("name", "write"), CONTAINERS)
@pytest.mark.parametrize("column", ["year", "code"])
def test_an_encoded_year_or_code_refuses_the_table(
    read: Read, tmp_path: Path, name: str, write: Callable[..., bytes], column: str
) -> None:
    province_codes = [str(province.province_code) for province in load_provinces()]
    frame = FRAME.assign(code=[float(n) for n in range(1, 32)], gdp=[float(text) for text in FIGURES])
    labels = {"year": {1.0: "2019"}, "code": dict(zip(frame["code"], province_codes, strict=True))}
    frame = frame.assign(year=1.0) if column == "year" else frame
    reading = read(write(frame, {column: labels[column]}, tmp_path), name, code_column="code", **DECLARED)
    assert codes(reading) == {"encoded_figures"} and not reading.observation


@pytest.mark.parametrize(("name", "write"), CONTAINERS)
def test_names_in_code_are_read_by_their_labels_and_a_list_of_words_is_no_figure(
    read: Read, tmp_path: Path, name: str, write: Callable[..., bytes]
) -> None:
    frame = FRAME.assign(prov=[float(n) for n in range(31)], gdp=[float(n % 3) for n in range(31)])
    labels = {"prov": {float(n): text for n, text in enumerate(SHORT)}, "gdp": {0.0: "低", 1.0: "中", 2.0: "高"}}
    reading = read(write(frame, labels, tmp_path), name, **DECLARED)
    assert codes(reading) == {"labelled_codes"}
    assert [record["entity_code"] for record in reading.observation][30] == 650000
    assert {record["indicator"] for record in reading.observation} == {"resident_population"}


@pytest.mark.parametrize(("name", "write"), CONTAINERS)
def test_labels_that_say_the_same_or_mark_a_missing_figure(
    read: Read, tmp_path: Path, name: str, write: Callable[..., bytes]
) -> None:
    people = [-99.0, *(1000.0 + n for n in range(30))]
    labels = {"people": {1001.0: "1,001", 1002.0: "1002.0", -99.0: "缺失"}}
    content = write(FRAME.assign(gdp=[float(text) for text in FIGURES], people=people), labels, tmp_path)
    undeclared = read(content, name, **DECLARED)
    assert codes(undeclared) == {"undeclared_mark"} and len(undeclared.observation) == 61
    declared = read(content, name, missing_marks=["缺失"], **DECLARED)
    assert codes(declared) == set()
    assert [(record["raw"], record["indicator"]) for record in declared.missing_cell] == [
        ("缺失", "resident_population")
    ]


def test_a_mapped_table_of_a_stata_file_takes_no_code_for_a_figure(read: Read, tmp_path: Path) -> None:
    mapping = {
        "name": "m.yaml",
        "tables": [{
            "regions": {"down": "prov"}, "years": {"down": "year"},
            "set_aside_columns": ["people"],
            "columns": [{"header": "gdp", "indicator": "gdp", "unit": "亿元"}],
        }],
    }  # fmt: skip
    reading = read(stata(FRAME, {"gdp": CODED}, tmp_path), "a.dta", layout="mapped", mapping=mapping)
    assert "encoded_figures" in codes(reading) and not reading.observation


def test_categories_of_a_parquet_file_are_their_values(read: Read, tmp_path: Path) -> None:
    words = pa.array(["北京", "天津"]).dictionary_encode()
    figures = pa.array(["3000.5", "7"]).dictionary_encode()
    pq.write_table(pa.table({"o": words, "d": words.take(pa.array([1, 0])), "w": figures}), tmp_path / "made.parquet")
    flow = {"network": "n", "direction": "both", "origin": "o", "destination": "d", "weight": "w", "unit": "index",
            "period": "2020"}  # fmt: skip
    reading = read((tmp_path / "made.parquet").read_bytes(), "a.parquet", layout="flow_edges", flow=flow)
    assert codes(reading) == set()
    assert sorted(reading.tables["flow"]["flow"].to_pylist()) == [7.0, 3000.5]


MARKS = ["NA", "NULL", "#N/A", "NaN", ".", "N/A", "<NA>", "缺失", "无数据", "None"]


def text_panel(mark: str) -> str:
    rows = [f"{name},2019,{1000 + n},{900 + n}" for n, name in enumerate(SHORT)]
    return "\n".join(["prov,year,gdp,people", f"北京,2019,{mark},2100", *rows[1:]]) + "\n"


@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_of_a_program_is_refused_with_its_declaration_and_then_missing(read: Read, mark: str) -> None:
    reading = read(text_panel(mark), **DECLARED)
    assert codes(reading) == {"undeclared_mark"}
    reasons = [reading.rejected_row[0][name] for name in ("reason", "reason_zh")]
    assert all(f"missing_marks: ['{mark}']" in reason for reason in reasons)
    declared = read(text_panel(mark), missing_marks=[mark], **DECLARED)
    assert codes(declared) == set() and len(declared.observation) == 61
    [missing] = declared.missing_cell
    assert (missing["raw"], missing["cell"]) == (mark, "C2")


@pytest.mark.parametrize(
    ("mark", "cell"), [("-999", "-999.0"), ("待查", "待 查"), ("*", "*"), ("0", "0.00"), ("n/a", "N/A")]
)
def test_any_mark_a_user_names_is_missing_and_never_zero(read: Read, mark: str, cell: str) -> None:
    reading = read(text_panel(cell), missing_marks=[mark], **DECLARED)
    assert codes(reading) == set()
    assert [record["raw"] for record in reading.missing_cell] == [cell]
    assert 0 not in {record["value"] for record in reading.observation}


def test_marks_hold_in_exports_workbooks_flows_and_lists(read: Read) -> None:
    export = read(nbs_text(cells={(0, 0): "NA"}), missing_marks=["NA"])
    assert codes(export) == set() and len(export.missing_cell) == 1
    book = openpyxl.Workbook()
    for line in text_panel("#N/A").split():
        book.active.append([float(cell) if cell.isdecimal() else cell for cell in line.split(",")])
    stream = io.BytesIO()
    book.save(stream)
    cells = read(stream.getvalue(), "a.xlsx", missing_marks=["#N/A"], **DECLARED)
    assert codes(cells) == set() and len(cells.missing_cell) == 1
    flow = {"network": "n", "direction": "both", "origin": "o", "destination": "d", "weight": "w", "unit": "index",
            "period": "2020"}  # fmt: skip
    text = "o,d,w\n北京,天津,NA\n天津,北京,5\n北京,石家庄,-1\n"
    assert codes(read(text, layout="flow_edges", flow=flow)) == {"undeclared_mark", "flow_negative"}
    edges = read(text, layout="flow_edges", flow=flow, missing_marks=["NA", -1])
    assert codes(edges) == set() and edges.tables["flow"]["flow"].to_pylist() == [5.0]
    pilots = (
        "programme,batch,label_year,announced,province,prefecture,place,level,prefecture_code,county_code,status,source"
    )
    row = "mohurd,1,2012,2013-01-29,河北省,NA,石家庄市,prefecture,130100,NA,new,NA"
    assert codes(read(f"{pilots}\n{row}\n")) == {"pilot_field"}
    listed = read(f"{pilots}\n{row}\n", missing_marks=["NA"])
    assert codes(listed) == set() and listed.pilot[0]["source"] is None


def test_other_texts_are_no_marks() -> None:
    assert wrong_figure("NA") == wrong_figure(" n/a ") == "undeclared_mark"
    assert wrong_figure("约3") == wrong_figure("12人") == "not_a_number"
    assert is_missing("—") and not is_missing("NA") and is_missing("na", {mark_key("NA")})
    with pytest.raises(ValueError, match="NA"):
        parse_number("NA")


def test_marks_typed_without_quotes_are_the_text_in_the_file() -> None:
    who = {"match": "*", "vintage": "v", "publisher": "p", "licence": "l"}
    source = Source.model_validate({**who, "missing_marks": [None, -999, float("nan"), "."]})
    assert source.missing_marks == ("NULL", "-999", "NaN", ".")
    with pytest.raises(ValueError, match="missing_marks"):
        Source.model_validate(
            {**who, "missing_marks": ["NA"], "weights": {"name": "w", "kind": "contiguity", "order": "codes"}}
        )


def test_inspect_proposes_the_marks_it_finds(tmp_path: Path) -> None:
    lines = text_panel("NA").replace("天津,2019,1001", "天津,2019,#N/A")
    (tmp_path / "a.csv").write_text(lines, encoding="utf-8")
    found = propose(tmp_path, tmp_path / "a.csv", load_registry())
    assert [line for line in found.entry if line.startswith('missing_marks: [NA, "#N/A"]')]


UNSEEN = ["\u200b", "\ufeff", "\u200c", "\u200d", "\u2060", "\u00ad", "\u200e", "\u202a", "\u2066"]
BLANKS = ["\u00a0", "\u3000", "\u2009", "\u202f"]


@pytest.mark.parametrize("mark", [*UNSEEN, *BLANKS])
def test_characters_that_show_nothing_do_not_matter_in_names_headers_figures_and_declarations(
    read: Read, mark: str
) -> None:
    rows = [
        f"{name}{mark},{mark}2019{mark},{1000 + n}{mark},9{mark if mark in UNSEEN else ''}00"
        for n, name in enumerate(SHORT)
    ]
    text = "\n".join([f"prov{mark},year,{mark}gdp,people", *rows])
    reading = read(text.encode(), **DECLARED)
    assert codes(reading) == set() and len(reading.observation) == 62
    assert {record["value"] for record in reading.observation if record["indicator"] == "resident_population"} == {
        900.0
    }


@pytest.mark.parametrize("mark", ["\u200b", "\u3000"])
def test_they_do_not_matter_in_names_of_sheets_and_cells_of_workbooks(read: Read, mark: str) -> None:
    book = openpyxl.Workbook()
    book.active.title = f"数据{mark}"
    notes = book.create_sheet(f"说{mark}明")
    notes.append([f"说明{mark}"])
    for line in text_panel("1000").split():
        book.active.append([f"{cell}{mark}" for cell in line.split(",")])
    stream = io.BytesIO()
    book.save(stream)
    aside = "说明" if mark == "\u200b" else "说 明"
    reading = read(stream.getvalue(), "a.xlsx", set_aside_sheets=[aside], **DECLARED)
    assert codes(reading) == set() and len(reading.observation) == 62
    assert {record["sheet"] for record in reading.observation} == {"数据"}


def test_they_do_not_matter_in_columns_of_parquet_and_stata_files(read: Read, tmp_path: Path) -> None:
    pq.write_table(pa.table({"o\u200b": ["北京\u200b"], "d": ["天津\ufeff"], " w": [5.0]}), tmp_path / "made.parquet")
    flow = {"network": "n", "direction": "both", "origin": "o", "destination": "d", "weight": "w", "unit": "index",
            "period": "2020"}  # fmt: skip
    reading = read((tmp_path / "made.parquet").read_bytes(), "a.parquet", layout="flow_edges", flow=flow)
    assert codes(reading) == set() and reading.tables["flow"]["flow"].to_pylist() == [5.0]
    frame = FRAME.assign(prov=[f"{name}\u200b" for name in PROVINCES], gdp=[float(text) for text in FIGURES])
    frame.to_stata(tmp_path / "made.dta", write_index=False, version=118)
    assert codes(read((tmp_path / "made.dta").read_bytes(), "a.dta", **DECLARED)) == set()


def test_they_do_not_matter_in_sources_yaml_but_in_names_of_files(tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text(
        "data_kind: real\nstudies: []\nvintages: [v]\nfiles:\n  - {match: 'a\u3000b.csv', vintage: v, publisher: p, "
        "licence: l, accessed: 2026-01-01, entity_column: '省\u200b份', columns: {'GDP\ufeff': {indicator: gdp}}}\n",
        encoding="utf-8",
    )
    [entry] = load_sources(tmp_path / "sources.yaml")[0].files
    assert (entry.match, entry.entity_column, [*entry.columns]) == ("a\u3000b.csv", "省份", ["GDP"])


def test_which_characters_show_nothing() -> None:
    assert plain("a\u200bb\u00a0c\u3000d") == "ab c d" and plain("北京\n") == "北京\n"
    assert plain_data({"k\u200b": ["v\ufeff", 1], "match": "m\u200b"}, {"match"}) == {"k": ["v", 1], "match": "m\u200b"}


def test_the_first_message_is_the_cause(read: Read) -> None:
    """Never that 31 provinces are missing, where nobody could read their names, or where rows are shifted."""
    rows = [f"{name}甲,2019,{1000 + n},900" for n, name in enumerate(SHORT)]
    unread = read("\n".join(["prov,year,gdp,people", *rows]), **DECLARED)
    assert codes(unread) == {"unknown_province"} and "cell A2" in unread.source_file["problem"]
    rows = [
        f"{name},2019,{1000 + n},900,1" if n < 20 else f"{name},2019,{1000 + n},900" for n, name in enumerate(SHORT)
    ]
    shifted = read("\n".join(["prov,year,gdp,people", *rows]), **DECLARED)
    assert codes(shifted) == {"row_width"}
    few = read("\n".join(["prov,year,gdp,people", "北京甲,2019,1000,900", *rows[25:]]), **DECLARED)
    assert codes(few) == {"unknown_province", "missing_provinces"}
    assert "cell A2" in few.source_file["problem"], "first the name that can be corrected"
