"""Messages about input files: both languages alike, every one used, every one used is there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from catalog.base import PROJECT_DIR, CatalogError
from catalog.messages import load_messages

ONE = """
spoilt:
  en: {what: "a {hint}", expected: "b", fix: "c"}
  zh: {what: "一{hint}", expected: "二", fix: "三"}
"""


def constants() -> set[str]:
    """Every text in the code of ingestion, and every word it quotes in SQL."""
    found: set[str] = set()
    for path in (PROJECT_DIR / "ingestion").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {node.value, *node.value.replace("'", " ").replace(",", " ").split()}
    return found


def test_every_message_is_used() -> None:
    assert sorted(load_messages().keys() - constants()) == []


def test_every_code_a_problem_is_made_of_has_a_message() -> None:
    used = set()
    for path in (PROJECT_DIR / "ingestion").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem" and node.args:
                first = node.args[0]
                used |= {first.value} - {""} if isinstance(first, ast.Constant) else set()
    assert len(used) > 100
    assert sorted(used - load_messages().keys()) == []


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def test_a_message_of_two_files_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", ONE)
    assert set(load_messages(tmp_path)) == {"spoilt"}
    load_messages.cache_clear()
    write(tmp_path, "b.yaml", ONE)
    with pytest.raises(CatalogError, match=r"b\.yaml: the message spoilt stands in a\.yaml too"):
        load_messages(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"一{hint}"', '"一"', "{hint} stands in one language only"),
        ("hint", "tip", r"unknown placeholders \['tip'\]"),
        ('"三"', '""', "zh.fix: String should have at least 1 character"),
        ('  zh: {what: "一{hint}", expected: "二", fix: "三"}\n', "", "zh: Field required"),
    ],
)
def test_a_message_that_is_half_a_message_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    write(tmp_path, "a.yaml", ONE.replace(old, new))
    load_messages.cache_clear()
    with pytest.raises(CatalogError, match=message):
        load_messages(tmp_path)
