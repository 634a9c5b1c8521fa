"""Messages about input files: both languages alike, every one used, every one used is there."""

from __future__ import annotations

import ast
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
    # What reads every file is called by no layout, yet flags of filled cells are declared by panels only.
    modules = reached(layout.read.__module__) | {"ingestion.readers.panels.filled_flags"}
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
        ("layouts: [toy]\n", "", "spoilt.layouts: Field required"),
    ],
)
def test_a_message_that_is_half_a_message_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    write(tmp_path, "a.yaml", ONE.replace(old, new))
    load_messages.cache_clear()
    with pytest.raises(CatalogError, match=message):
        load_messages(tmp_path)
