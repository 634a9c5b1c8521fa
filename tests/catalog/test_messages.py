"""Messages about input files: both languages alike, every one used, every one used is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

from catalog.base import PROJECT_DIR, CatalogError
from catalog.messages import EVERY, common_codes, layout_codes, load_messages, pointers
from ingestion.readers import EVERY_LAYOUT
from ingestion.readers.base import FileLayout, Layout

FAMILIES = sorted({layout.read.__module__.split(".")[2] for layout in EVERY_LAYOUT})

ONE = """
layouts: [toy]
spoilt:
  en: {what: "a {hint}", expected: "b", fix: "c"}
  zh: {what: "一{hint}", expected: "二", fix: "三"}
"""


def texts_of(path: Path) -> set[str]:
    """Every text in the code of a module, and every word it quotes in SQL."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= {node.value, *node.value.replace("'", " ").replace(",", " ").split()}
    return found


@cache
def codes_in(module: str) -> frozenset[str]:
    """Codes of messages a module of ingestion names."""
    return frozenset(texts_of(path_of(module)) & load_messages().keys())


def path_of(module: str) -> Path:
    path = PROJECT_DIR / module.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def imported(module: str) -> frozenset[str]:
    """Modules of ingestion that one imports, but for the list of all readers."""
    found = {
        name
        for node in ast.walk(ast.parse(path_of(module).read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ingestion.")
        for name in (str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names))
        if path_of(name).is_file()
    }
    return frozenset(found - {"ingestion.readers"})


def reached(module: str) -> set[str]:
    """A module, and all that it imports, by whatever ways."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        place = waiting.pop()
        if place not in seen:
            seen.add(place)
            waiting += imported(place)
    return seen


def test_every_message_is_used() -> None:
    used = set().union(*(texts_of(path) for path in (PROJECT_DIR / "ingestion").rglob("*.py")))
    assert sorted(load_messages().keys() - used) == []


def test_messages_are_of_layouts_that_exist() -> None:
    patterns = {pattern for message in load_messages().values() for pattern in message.layouts} - {*EVERY}
    assert [p for p in patterns if not any(fnmatchcase(layout.name, p) for layout in EVERY_LAYOUT)] == []


@pytest.mark.parametrize("layout", EVERY_LAYOUT, ids=lambda layout: layout.name)
def test_the_code_of_a_layout_names_the_messages_declared_for_it(layout: FileLayout | Layout) -> None:
    # What reads every file is called by no layout, yet filled cells are declared by panels only.
    modules = reached(layout.read.__module__) | {"ingestion.readers.panels.panel_checks"}
    assert sorted(layout_codes(layout.name) - set().union(*(codes_in(module) for module in modules))) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_what_a_family_of_readers_names_is_declared_for_a_layout_of_it(family: str) -> None:
    layouts = [layout.name for layout in EVERY_LAYOUT if layout.read.__module__.split(".")[2] == family]
    declared = common_codes().union(pointers(), *(layout_codes(name) for name in layouts))
    folder = PROJECT_DIR / "ingestion" / "readers" / family
    named = set().union(*(texts_of(path) for path in folder.rglob("*.py"))) & load_messages().keys()
    assert layouts and sorted(named - declared) == []


def test_every_code_a_problem_is_made_of_has_a_message() -> None:
    used = set()
    for path in (PROJECT_DIR / "ingestion").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem" and node.args:
                first = node.args[0]
                used |= {first.value} - {""} if isinstance(first, ast.Constant) else set()
    assert len(used) > 100
    assert sorted(used - load_messages().keys()) == []


FIELDS = ("found", "expected", "hint")
WORD = re.compile(r"[A-Za-z]{2,}|[\u4e00-\u9fff]")
# Names of files, keys of sources.yaml and units are no words of a language.
NAMES = (" (sources.yaml)", "vintage: ", " km")


def said(node: ast.expr) -> Iterator[str]:
    """The literal pieces an expression may fill into a message; what a call is given is no message yet."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif not isinstance(node, ast.Call | ast.Subscript | ast.Compare):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr) and child is not getattr(node, "test", None):
                yield from said(child)


def literal_words(source: str) -> list[tuple[str, str]]:
    """(code, text) of each literal text with words that a problem is made with and that is no phrase of its message."""
    found = []
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        named = {str(keyword.arg): keyword.value for keyword in call.keywords}
        if name not in {"Problem", "problem"} and not (name == "replace" and "code" in named):
            continue
        code = named.get("code", call.args[0] if call.args else None)
        phrases = load_messages()[code.value].phrases if isinstance(code, ast.Constant) and code.value else {}
        texts = [text for one in (*call.args[1:4], *(named[f] for f in FIELDS if f in named)) for text in said(one)]
        found += [
            (ast.unparse(code) if code else "", text) for text in texts if WORD.search(text) and text not in phrases
        ]
    return [(code, text) for code, text in found if text not in NAMES]


def test_what_a_problem_says_in_words_stands_in_its_message() -> None:
    paths = (PROJECT_DIR / "ingestion").rglob("*.py")
    texts = {str(path): path.read_text(encoding="utf-8") for path in paths}
    assert {(name, *one) for name, text in texts.items() for one in literal_words(text)} == set()
    assert sum(text.count("Problem(") for text in texts.values()) > 200


@pytest.mark.parametrize(
    "call",
    [
        'Problem("unreadable", "x", "a plain file")',
        'Problem("unreadable", expected=f"{n} plain files")',
        'sheet.problem("not_a_number", 1, 2, "no " + text)',
        'replace(at, code="unreadable", hint=known or "nothing")',
    ],
)
def test_words_in_a_problem_are_caught(call: str) -> None:
    assert len(literal_words(call)) == 1


def test_codes_phrases_and_cells_are_no_words() -> None:
    for call in (
        'Problem("unreadable", suffix, "whole_file")',
        'sheet.problem("no_year", 1, 2, f"{a} – {b}", join("and"))',
    ):
        assert literal_words(call) == []


# What is given to these is a phrase of a message that they make.
MAKERS = {"beyond": ("beyond_limits", 0), "require_at_most": ("beyond_limits", 2), "damage_refused": ("unreadable", 0)}


def test_what_is_too_much_and_what_is_damaged_are_phrases() -> None:
    given = set()
    for path in (PROJECT_DIR / "ingestion").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            code, at = MAKERS.get(getattr(getattr(node, "func", None), "id", ""), ("", 0))
            if code and isinstance(node, ast.Call) and isinstance(what := node.args[at], ast.Constant):
                given.add((code, what.value))
    phrases = {(code, name) for code, message in load_messages().items() for name in message.phrases}
    assert len(given) > 10 and given - phrases == set()


def test_every_phrase_is_used() -> None:
    used = set().union(*(texts_of(path) for path in (PROJECT_DIR / "ingestion").rglob("*.py")))
    phrases = {name for message in load_messages().values() for name in message.phrases}
    assert phrases and sorted(phrases - used) == []


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def test_a_message_of_two_files_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", ONE)
    assert set(load_messages(tmp_path)) == {"spoilt"}
    load_messages.cache_clear()
    write(tmp_path, "b.yaml", ONE)
    with pytest.raises(CatalogError, match=r"b\.yaml: the message spoilt is in a\.yaml too"):
        load_messages(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"一{hint}"', '"一"', "{hint} is in one language only"),
        ("hint", "tip", r"unknown placeholders \['tip'\]"),
        ('"三"', '""', "zh.fix: Text should have at least 1 character"),
        ('  zh: {what: "一{hint}", expected: "二", fix: "三"}\n', "", "zh: this key is missing"),
        ("layouts: [toy]\n", "", "spoilt.layouts: this key is missing"),
    ],
)
def test_a_message_that_is_half_a_message_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    write(tmp_path, "a.yaml", ONE.replace(old, new))
    load_messages.cache_clear()
    with pytest.raises(CatalogError, match=message):
        load_messages(tmp_path)
