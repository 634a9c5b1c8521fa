"""Identifiers, comments, labels and cells that are safe in the files of a bundle."""

from __future__ import annotations

import ast
import keyword
import re

import pytest

from medpanel.replication.common import _literal
from medpanel.replication.names import comment, identifiers, label, markdown
from models_py.figures.names import number_of


def test_valid_names_stay_and_the_rest_become_distinct_identifiers():
    names = [
        "gdp",
        "GDP",
        "gdp ",
        "人均",
        "城镇",
        "in",
        "if",
        "Class",
        "_n",
        "trend_110000",
        "str8",
        "2020",
        "a" * 40,
        "a" * 41,
    ]
    found = identifiers(names)
    assert found["gdp"] == "gdp"
    assert list(found) == names
    assert len({name.lower() for name in found.values()}) == len(names)
    for name in found.values():
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,31}", name)
        assert not keyword.iskeyword(name) and not re.fullmatch(r"trend_\d+|str\d+|in|if", name)
    assert (found["人均"], found["in"], found["2020"]) == ("variable_4", "v_in", "v_2020")
    assert identifiers(names) == found


def test_a_valid_name_is_not_taken_by_an_earlier_one_that_had_to_change():
    assert identifiers(["a b", "a_b"]) == {"a b": "a_b_2", "a_b": "a_b"}


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\u2028b", "a\x00b", '`x\' "y" /* */ $z {} \\ # b'])
def test_a_comment_stays_on_its_line(text):
    found = comment(text)
    assert len(found.splitlines()) == 1
    assert not set(found) & set("`'\"/*${}\\#!|&<>;")
    assert found.startswith(("a", "x")) and found.endswith("b")


def test_labels_fit_stata_and_are_english_where_both_do_not_fit():
    assert label("年份", "Year") == "年份 Year"
    assert label("same", "same") == "same"
    assert label("长" * 60, "long " * 6) == ("long " * 6).strip()
    assert label("长", "e" * 90) == "e" * 80


def test_a_markdown_cell_is_one_cell():
    assert markdown("a|b\nc <i> [x](y) `z`") == r"a\|b c \<i\> \[x\](y) \`z\`"


@pytest.mark.parametrize("text", ['"; import os; "', "a\\", "a\nb", '")\nquit()', "中文 `x'"])
def test_a_text_in_a_script_ends_where_it_ends(text):
    assert ast.literal_eval(_literal(text)) == text and "\n" not in _literal(text)


@pytest.mark.parametrize(
    ("table_no", "number"),
    [("Table 2", "2"), ("Table A1", ""), ("Table 3a", "3a"), ("Table 2}\\input{/etc/passwd}", ""), ("2", "")],
)
def test_the_number_of_a_table_is_nothing_but_one(table_no, number):
    assert number_of(table_no) == number
