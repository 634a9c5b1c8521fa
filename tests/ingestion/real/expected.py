"""What a test states of one real file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Spot:
    """One record typed from the file by hand: its lake table, what identifies it, and what stands there.

    where: column -> value that single the record out (for example cell, or origin_code and destination_code).
    what: column -> value expected.
    """

    where: dict[str, Any]
    what: dict[str, Any]
    table: str = "observation"


@dataclass(frozen=True)
class Expected:
    """A file that loads, or one that is refused.

    rows: (read, loaded, rejected, set aside).
    years, entities: first and last year, and number of places, of the observations; None where the file has none.
    codes: how many rejected_row records of each kind the file yields; of a refused file at least the telling one.
    refused: the code of the refusal, for a file refused whole.
    """

    layout: str | None
    rows: tuple[int, int, int, int]
    years: tuple[int, int] | None = None
    entities: int | None = None
    spots: tuple[Spot, ...] = ()
    codes: dict[str, int] = field(default_factory=dict)
    refused: str | None = None
