"""Messages as they are told: place, what was found, phrases in both languages, texts around what may be empty."""

from __future__ import annotations

import pytest

from catalog import load_registry
from ingestion.formats.grid import Sheet
from ingestion.formats.limits import beyond, require_bytes
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import refuse_rows
from ingestion.row_account import Tally


def test_a_message_names_the_place_what_was_found_what_was_expected_and_what_to_do() -> None:
    problem = Problem("implausible", "170 %", "0 – 100 %", "cell: C7, value: 170", "Sheet1", 7, "C7")
    assert problem.english("a.xlsx") == (
        "a.xlsx, sheet Sheet1, cell C7: the value is outside the plausible range; found '170 %'; expected 0 – 100 %; "
        "to do: check the cell against the publication; if it is right, confirm it in the file that `corrections:` of "
        'sources.yaml names, with - {file: "a.xlsx", cell: C7, value: 170, reason: why, source: where, '
        "status: confirmed}"
    )
    assert problem.chinese("a.xlsx") == (
        "a.xlsx, 工作表 Sheet1, 单元格 C7：数值超出合理范围；发现“170 %”；应为0 – 100 %；"
        "处理：请与原出版物核对；如无误，请在 sources.yaml 的 corrections: 所指文件中写入 "
        '- {file: "a.xlsx", cell: C7, value: 170, reason: 原因, source: 依据, status: confirmed}'
    )


def test_a_phrase_is_told_in_the_language_of_its_message() -> None:
    problem = Problem("keyword_list", "words.csv A7: 云", "once", "3")
    assert "; expected each keyword once (first in line 3); to do: " in problem.english("a.txt")
    assert "；应为每个关键词一次（首次见第3行）；处理：" in problem.chinese("a.txt")


def test_words_around_a_text_are_said_only_where_there_is_one() -> None:
    near = Problem("unknown_province", "北亰", "北京市 Beijing 110000")
    assert "expected one of the 31 provinces (nearest: 北京市 Beijing 110000); to do" in near.english("a.csv")
    assert "应为31个省级名称之一（最接近：北京市 Beijing 110000）；处理" in near.chinese("a.csv")
    assert "expected one of the 31 provinces; to do" in Problem("unknown_province", "x").english("a.csv")


def test_braces_in_a_file_are_text() -> None:
    assert "found '{hint}'" in Problem("not_a_number", "{hint}", cell="A1").english("{path}.csv")


@pytest.mark.parametrize(
    ("problem", "english", "chinese"),
    [
        (beyond("rows", 5, 7).problems[0], "found '7'; expected at most 5 rows;", "发现“7”；应为不超过 5 行；"),
        (Problem("pair_none", "rows", hint="3"), "found '3 rows'", "发现“3 行”"),
        (Problem("flow_partner_file", "x"), "a file that can be read; to do", "应为可读取的文件；"),
        (Problem("contradicting_unit", "万元", "亿元", "key"), "expected 亿元 (key.unit);", "应为亿元（key.unit）；"),
        (
            Problem("report_text", "read_as", "发展", "gb18030"),
            "found 'a text read as gb18030'",
            "按 gb18030 读取的文本",
        ),
    ],
)
def test_a_number_stands_in_the_words_of_each_language(problem: Problem, english: str, chinese: str) -> None:
    assert english in problem.english("a.csv") and chinese in problem.chinese("a.csv")


def test_a_part_that_is_too_large_is_named() -> None:
    with pytest.raises(Refusal) as caught:
        require_bytes(3 * 2**20, 2**20, "sheet1.xml")
    assert "found 'sheet1.xml 3 MiB'; expected at most 1 MiB;" in caught.value.problems[0].english("a.xlsx")


@pytest.mark.parametrize(
    ("sheet", "cell", "english", "chinese"),
    [
        ("S", "B2", "; expected see S B2: no_year; to do", "；应为见 S B2: no_year；处理"),
        ("", "", "; expected see the file's problem: no_year; to do", "；应为见该文件的问题：no_year；处理"),
    ],
)
def test_rows_of_a_refused_table_point_at_its_problem(sheet: str, cell: str, english: str, chinese: str) -> None:
    tally = Tally("a.csv", "", "", load_registry())
    refusal = Refusal(Problem("no_year", sheet=sheet, row=2 if cell else 0, cell=cell))
    refuse_rows(Sheet("S", (("a",),)), range(1, 2), refusal, tally)
    pointer = tally.rejected[-1]
    assert (pointer["code"], english in pointer["reason"], chinese in pointer["reason_zh"]) == (
        "table_refused",
        True,
        True,
    )
