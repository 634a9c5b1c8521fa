"""Names in use that no rule makes from an official one (catalog/divisions/alias.csv), and which of them were needed."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from ingestion.places.units import FACTS_DIR
from ingestion.vocabulary.names import normalise


@dataclass(frozen=True)
class Alias:
    """One other name. `reading`: it holds only where a unit of this level is asked for; empty: always."""

    name: str
    code: int
    reading: str
    reason: str
    source: str


# Filled by match.py, which alone knows what was decisive.
_used: set[Alias] = set()


@cache
def load_aliases() -> tuple[Alias, ...]:
    """All aliases in file order."""
    with (FACTS_DIR / "alias.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(
            Alias(row["name"], int(row["code"]), row["reading"], row["reason"], row["source"])
            for row in csv.DictReader(stream)
        )


@cache
def _by_key() -> dict[str, Alias]:
    return {normalise(alias.name): alias for alias in load_aliases()}


def find_alias(key: str, level: str | None) -> Alias | None:
    """The alias with this normalised name that holds where `level` is asked for."""
    alias = _by_key().get(key)
    return alias if alias is not None and alias.reading in ("", level) else None


def note_use(alias: Alias) -> None:
    """Remember that the alias decided a match."""
    _used.add(alias)


def used_aliases() -> tuple[Alias, ...]:
    """The aliases that decided a match in this process, in file order."""
    return tuple(alias for alias in load_aliases() if alias in _used)


def unused_aliases() -> tuple[Alias, ...]:
    """The others: an alias never used is worth a warning."""
    return tuple(alias for alias in load_aliases() if alias not in _used)
