"""What an entry says about names in a file and about the unit in the file's name, compared with the file; and keys of
an entry that say nothing to the layout the file has.

Names the file spells in its own way are read as the entry says (`names:`), and only there. The name of a file is no
source of units, but one that contradicts the figures must not pass unseen: it is refused unless the entry says that
the name is wrong (`unit_in_name:`), and then it is remarked on, once the file is read. A declaration the file has no
use for is refused. What names mean everywhere: names.py and places/.
"""

import re
from collections.abc import Collection, Iterable
from pathlib import PurePosixPath

from catalog import Registry, Source
from ingestion.formats.grid import Grid
from ingestion.problems import Problem, refuse_for, require
from ingestion.row_account import Tally
from ingestion.vocabulary.headers import unit_symbol

# The keys every file's entry may have, and those that take effect on any table of cells before its layout is known.
_KEYS_OF_ALL = frozenset(
    {
        "match", "vintage", "publisher", "licence", "accessed", "layout", "encoding", "unit_in_name", "not_read",
        "redistribution", "fallback", "note",
    }
)  # fmt: skip
KEYS_OF_CELLS = frozenset({"set_aside_sheets", "set_aside_rows", "fill_down"})
_BRACKETS = re.compile(r"[(（]([^()（）]+)[)）]")


def declared_keys(source: Source) -> list[str]:
    """The keys of an entry that say something, in the order of the entry; one that repeats its default says nothing."""
    fields = type(source).model_fields
    return [key for key in fields if getattr(source, key) != fields[key].get_default(call_default_factory=True)]


def require_used(source: Source, layout: str, uses: Collection[str]) -> None:
    """Raise Refusal for keys of an entry that a layout takes no account of: what they say would be passed over."""
    idle = [key for key in declared_keys(source) if key not in _KEYS_OF_ALL and key not in uses]
    require(not idle, unused_keys(idle, layout, uses))


def unused_keys(idle: Iterable[str], layout: str, uses: Iterable[str]) -> Problem:
    """The problem of keys that a layout, which uses other ones, takes no account of."""
    return Problem("key_unused", ", ".join(idle), ", ".join(sorted(uses)), layout)


def name_meant(text: str, source: Source) -> str:
    """The name that `text` stands for in this file; itself unless declared."""
    return next((name.means for name in source.names if name.printed == text), text)


def require_printed(grid: Grid, source: Source) -> None:
    """Raise Refusal for a declared name no cell of the file holds: it may be misspelt, and mean nothing."""
    wanted = {name.printed for name in source.names}
    absent = wanted.difference(cell for sheet in grid.sheets for row in sheet.rows for cell in row)
    refuse_for(
        Problem("spelt_name_absent", name.printed, name.means) for name in source.names if name.printed in absent
    )


def units_in_name(path: str, registry: Registry) -> list[str]:
    """Catalogued units in brackets in the name of a file; a number such as the (1) of a second download is none."""
    found = (unit_symbol(text, registry) for text in _BRACKETS.findall(PurePosixPath(path).stem))
    return [unit for unit in found if unit is not None and not unit.isdecimal()]


def check_unit_in_name(tally: Tally, source: Source) -> None:
    """Remark on a declared contradiction between name and figures. Raises Refusal for one that is not declared.

    Raises Refusal also for a declared one that is none.
    """
    declared = source.unit_in_name
    named = units_in_name(tally.path, tally.registry)
    against = [(unit, read) for unit in named for read in _others(unit, tally)]
    known = declared.unit if declared is not None else None
    refuse_for(Problem("unit_against_name", unit, read) for unit, read in against if unit != known)
    if declared is None:
        return
    require(against, Problem("unit_in_name_unfounded", declared.unit, ", ".join(named) or "-"))
    for unit, read in against:
        tally.reject(Problem("unit_in_name", unit, read, declared.reason), "")


def _others(unit: str, tally: Tally) -> list[str]:
    """Other units of the same quantity that figures of the file are read in."""
    units = tally.registry.units
    read = {record["raw_unit"] for record in (*tally.observations, *tally.missing)}
    return sorted(other for other in read if other != unit and units[other].quantity == units[unit].quantity)
