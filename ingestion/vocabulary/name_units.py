"""The unit a file's name carries, held against the unit its figures are read in.

A name is no source of units, but one that contradicts the figures must not pass unseen: it is refused unless the entry
says that the name is wrong (`unit_in_name:`), and then it is remarked on. Runs after the file is read.
"""

import re
from pathlib import PurePosixPath

from catalog import Registry, Source
from ingestion.problems import Problem, refuse, refuse_if
from ingestion.row_account import Tally
from ingestion.vocabulary.headers import unit_symbol

_BRACKETS = re.compile(r"[(（]([^()（）]+)[)）]")


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
    undeclared = [(unit, read) for unit, read in against if declared is None or unit != declared.unit]
    refuse(Problem("unit_against_name", unit, read) for unit, read in undeclared)
    if declared is None:
        return
    refuse_if(not against, Problem("unit_in_name_unfounded", declared.unit, ", ".join(named) or "-"))
    for unit, read in against:
        tally.reject(Problem("unit_in_name", unit, read, declared.reason), "")


def _others(unit: str, tally: Tally) -> list[str]:
    """Other units of the same quantity that figures of the file are read in."""
    units = tally.registry.units
    read = {record["raw_unit"] for record in (*tally.observations, *tally.missing)}
    return sorted(other for other in read if other != unit and units[other].quantity == units[unit].quantity)
