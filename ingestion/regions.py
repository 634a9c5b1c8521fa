"""The region column of a table: which row is which province, and whether exactly the 31 are there.

Shared by every layout with provinces in rows. Refuses; never repairs.
"""

from __future__ import annotations

from catalog import load_provinces
from ingestion.grid import address
from ingestion.names import AmbiguousNameError, RegionName, UnknownNameError, match_region
from ingestion.problems import Problem, Refusal


def match_rows(sheet: str, names: dict[int, str], column: int = 1) -> dict[int, RegionName]:
    """Row number -> region, for the names found in `column` (from 1).

    Raises Refusal with one problem per wrong cell: unknown, ambiguous or repeated names, and, when those alone do
    not explain it, the provinces missing.
    """
    regions: dict[int, RegionName] = {}
    first_seen: dict[int, str] = {}
    problems: list[Problem] = []
    for row, name in names.items():
        cell = address(row, column)
        try:
            region = match_region(name)
        except AmbiguousNameError as error:
            choices = "; ".join(error.choices)
            problems.append(Problem("ambiguous_province", name, choices, sheet=sheet, row=row, cell=cell))
            continue
        except UnknownNameError as error:
            near = f" (nearest: {'; '.join(error.candidates)})" if error.candidates else ""
            problems.append(Problem("unknown_province", name, near, sheet=sheet, row=row, cell=cell))
            continue
        regions[row] = region
        if region.code is not None:
            if region.code in first_seen:
                problems.append(
                    Problem("repeated_province", name, first_seen[region.code], sheet=sheet, row=row, cell=cell)
                )
            first_seen.setdefault(region.code, cell)
    missing = [p.short_zh for p in load_provinces() if p.province_code not in first_seen]
    if missing:
        problems.append(Problem("missing_provinces", "、".join(missing), sheet=sheet))
    if problems:
        raise Refusal(*problems)
    return regions
