"""Numbers where places should be named: codes, or running numbers of rows and of lists of somebody's own.

Belongs here: telling the two apart by all the numbers of a column. Which place a code means: match.py.
"""

from collections.abc import Iterable

from catalog.provinces import MUNICIPALITIES
from ingestion.places.carry import is_province
from ingestion.places.units import units_by_code
from ingestion.vocabulary.values import read_code, read_full_code, read_whole

# No running number of a row is larger.
HIGHEST_NUMBER = 10**15


def running_numbers(names: Iterable[str]) -> frozenset[str]:
    """Those of the names of cities that are running numbers, though some look like codes: 11, or 1101.

    Numbers most of which are no code that any place ever had are no codes at all. Nor are two digits, unless all of
    them are those of municipalities, or cities have their four beside them.
    """
    numbers = {name for name in names if read_whole(name, 0, HIGHEST_NUMBER) is not None}
    known = {name for name in numbers if _is_known(read_code(name))}
    if 2 * len(known) < len(numbers):
        return frozenset(numbers)
    short = {name: read_code(name) or 0 for name in known if read_full_code(name) is None}
    beside = any(code % 10000 for code in short.values())
    return frozenset(() if beside or MUNICIPALITIES.issuperset(short.values()) else short)


def _is_known(code: int | None) -> bool:
    return code is not None and (is_province(code) or code in units_by_code())
