"""Which refusals a reader can give, found in its own source: every code named in functions it can reach.

Belongs here: following names through the modules of `ingestion`. The wording: catalog/messages; showing it:
tables.py. Nothing is run. A code is told wherever its text stands, so one kept in a variable first is found too.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from catalog.messages import load_messages
from ingestion.readers.base import FileLayout, Layout

# Where names lead everywhere: the wording itself, and the list of all readers.
_STOP = frozenset({"ingestion.problems", "ingestion.readers"})
# Rows of a refused table point at its problem with these; they say nothing of their own.
POINTERS = frozenset({"table_refused", "row_refused"})
# Receivers whose methods are followed: the readers hand every cell to the tally.
_RECEIVERS = {"tally": ("ingestion.row_account", "Tally")}
_QUOTED = re.compile("'([a-z][a-z0-9_]*)'")
Name = tuple[str, str]
# Run for every file, but at work only where a panel declares filled_flags.
_FILLED_FLAGS: Name = ("ingestion.readers.panels.filled", "refuse_filled")


class _Module:
    """A module's top-level definitions and where its imported names come from."""

    def __init__(self, name: str) -> None:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise ValueError(f"no source of {name}")
        tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
        self.definitions: dict[str, list[ast.AST]] = {}
        self.imports: dict[str, Name] = {}
        for node in tree.body:
            for defined in _defined(node):
                self.definitions.setdefault(defined, []).append(node)
        for imported in ast.walk(tree):
            if isinstance(imported, ast.ImportFrom) and (imported.module or "").startswith("ingestion"):
                for alias in imported.names:
                    self.imports[alias.asname or alias.name] = (str(imported.module), alias.name)


def _defined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name))


@cache
def _module(name: str) -> _Module:
    return _Module(name)


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all below it but annotations, which call nothing, and texts compared with, which refuse nothing."""
    yield node
    for field, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            compared = isinstance(node, ast.Compare) and isinstance(child, ast.Constant | ast.Set | ast.Tuple)
            if isinstance(child, ast.AST) and field not in {"annotation", "returns"} and not compared:
                yield from _parts(child)


def _named(text: str) -> set[str]:
    """The codes a text is or, as SQL, quotes."""
    return {text, *_QUOTED.findall(text)} & load_messages().keys()


@cache
def _facts(module: str, name: str) -> tuple[frozenset[str], frozenset[Name]] | None:
    """Codes a definition names itself, and what it leads to; None where the module defines no such name.

    A method is named Class.method.
    """
    owner, _, method = name.partition(".")
    nodes: list[ast.AST] = list(_module(module).definitions.get(owner, ()))
    if method:
        members = [member for node in nodes if isinstance(node, ast.ClassDef) for member in node.body]
        nodes = [member for member in members if isinstance(member, ast.FunctionDef) and member.name == method]
    codes: set[str] = set()
    leads: set[Name] = set()
    for part in (part for node in nodes for part in _parts(node)):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            codes |= _named(part.value)
        elif isinstance(part, ast.Name):
            leads.add((module, part.id))
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in _RECEIVERS:
            of, receiver = _RECEIVERS[part.value.id]
            leads.add((of, f"{receiver}.{part.attr}"))
    return (frozenset(codes), frozenset(leads)) if nodes else None


@cache
def codes_from(*starts: Name, without: frozenset[Name] = frozenset()) -> frozenset[str]:
    """Codes in everything that can be reached from (module, name), `without` not entered.

    Raises ValueError for a start that is defined nowhere.
    """
    codes: set[str] = set()
    seen: set[Name] = set(without)
    waiting = list(starts)
    while waiting:
        place = waiting.pop()
        module, name = place
        if place in seen or module in _STOP:
            continue
        seen.add(place)
        if name in _module(module).imports:
            waiting.append(_module(module).imports[name])
            continue
        facts = _facts(module, name)
        if facts is None:
            if place in starts:
                raise ValueError(f"{module} defines no {name}")
            continue
        codes |= facts[0]
        waiting += facts[1]
    return frozenset(codes - POINTERS)


@cache
def common_codes() -> frozenset[str]:
    """Refusals of the steps every file goes through, whatever its layout, and of all files together."""
    starts = (("ingestion.reading", "read_file"), ("ingestion.build.lake", "build_lake"))
    return codes_from(*starts, without=frozenset({_FILLED_FLAGS}))


def layout_codes(layout: Layout | FileLayout) -> frozenset[str]:
    """Refusals a layout's own reader can give, those of every file left out."""
    starts = [(call.__module__, call.__qualname__) for call in (layout.read, layout.recognise)]
    named = [start for start in starts if start[1].isidentifier()]
    named += [_FILLED_FLAGS] if layout.name == "long_panel" else []
    return codes_from(*named) - common_codes()
