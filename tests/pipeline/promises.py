"""Reads what the contract with the analysts promises of each table: its grain and the columns that must exist.

Belongs here: turning the contract's text into names. Does not belong here: holding a publication against them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_ROW = re.compile(r"^\| `(\w+)` \| (.*?) \| (.*) \|$")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_IDENTITY = "identity"


@dataclass(frozen=True)
class Promise:
    """`phrases` describe columns that have no fixed name, such as one for each indicator."""

    grain: tuple[str, ...]
    columns: tuple[str, ...]
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contract:
    """`identity`: the columns that say what a result belongs to; `carriers`: the tables said to have them.

    kept: tables promised by name alone.
    """

    tables: dict[str, Promise]
    identity: tuple[str, ...]
    carriers: tuple[str, ...]
    kept: tuple[str, ...]


def read_contract(path: Path) -> Contract:
    """The promises of a contract. Raises ValueError where a part of it is not written as expected."""
    text = path.read_text(encoding="utf-8")
    about_identity, listed = _section(text, "Identity of a result"), _section(text, "Tables")
    identity = _backticked(_from(about_identity, "`study`, "))
    tables = {}
    for line in listed.splitlines():
        if match := _ROW.match(line):
            name, grain, columns = match.groups()
            tables[name] = _promise(_items(grain, identity), _items(columns, identity))
    contract = Contract(
        tables,
        identity,
        carriers=_backticked(_from(about_identity, '"identity" in the list below stands for these nine columns;')),
        kept=_backticked(_from(listed, "Already published and kept: ")),
    )
    if not (tables and identity and contract.carriers and contract.kept):
        raise ValueError(f"{path}: a list of names is empty: {contract}")
    return contract


def _promise(grain: tuple[str, ...], columns: tuple[str, ...]) -> Promise:
    named = tuple(item for item in columns if _NAME.fullmatch(item))
    return Promise(grain, named, tuple(item for item in columns if item not in named))


def _section(text: str, title: str) -> str:
    match = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if match is None:
        raise ValueError(f"the contract has no section {title!r}")
    return match.group(1)


def _from(text: str, start: str) -> str:
    """The text from `start`, which must stand in it once."""
    if text.count(start) != 1:
        raise ValueError(f"{start!r} stands {text.count(start)} times in its section of the contract, expected once")
    return text[text.index(start) :]


def _without_remarks(text: str) -> str:
    """The text without what stands in brackets, brackets in brackets included."""
    while (shorter := re.sub(r"\([^()]*\)", "", text)) != text:
        text = shorter
    return text


def _backticked(text: str) -> tuple[str, ...]:
    """Names in backticks up to the end of the sentence, remarks left out."""
    return tuple(re.findall(r"`([a-z][a-z0-9_]*)`", _without_remarks(text).partition(".")[0]))


def _items(cell: str, identity: tuple[str, ...]) -> tuple[str, ...]:
    items = [item.replace("`", "").strip() for item in re.split(r"[,;]", _without_remarks(cell))]
    return tuple(name for item in items if item for name in (identity if item == _IDENTITY else (item,)))
