"""Messages as they are told: place, what was found, phrases in both languages, texts around what may be empty."""

from __future__ import annotations

from ingestion.problems import Problem


def test_a_message_names_the_place_what_was_found_what_was_expected_and_what_to_do() -> None:
    problem = Problem("implausible", "170 %", "0", "100 %", "Sheet1", 7, "C7")
    assert problem.english("a.xlsx") == (
        "a.xlsx, sheet Sheet1, cell C7: the value is outside the plausible range; found '170 %'; expected 0 to 100 %; "
        "to do: check the cell against the publication; if right, widen `range` in catalog/indicators.yaml"
    )
    assert problem.chinese("a.xlsx") == (
        "a.xlsx, 工作表 Sheet1, 单元格 C7：数值超出合理范围；发现“170 %”；应为0 至 100 %；"
        "处理：请与原出版物核对；如无误，请放宽 catalog/indicators.yaml 中的 range"
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
