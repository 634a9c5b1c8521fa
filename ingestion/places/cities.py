"""City names of a table matched to prefecture-level units, and whether the cities that should be there are.

The counterpart of regions.py for cities. A municipality in a table of cities is a city with its province's code.
What a name means in which year: ingestion/places.
"""

from __future__ import annotations

from collections.abc import Mapping

from ingestion.formats.grid import Sheet
from ingestion.places import Place, match_place, place_or_problem
from ingestion.problems import Problem, Refusal
from ingestion.vocabulary.names import RegionName, match_region

# The cities of the bureau's database 主要城市年度数据: municipalities, capitals of provinces, and five ports.
MAIN_CITIES = frozenset(
    {
        110000, 120000, 130100, 140100, 150100, 210100, 210200, 220100, 230100, 310000, 320100, 330100,
        330200, 340100, 350100, 350200, 360100, 370100, 370200, 410100, 420100, 430100, 440100, 440300,
        450100, 460100, 500000, 510100, 520100, 530100, 540100, 610100, 620100, 630100, 640100, 650100,
    }
)  # fmt: skip


def match_cities(
    sheet: Sheet, places: Mapping[int, tuple[int, int]], year: int, required: frozenset[int], count: int | None
) -> dict[int, RegionName]:
    """Key -> city, for the names at the (row, column) of each key, as they were in `year`; totals are subtotals.

    `required` are the cities that must be there; otherwise `count` says how many there must be. Raises Refusal with
    one problem per unknown, ambiguous or repeated name, and for cities missing.
    """
    cities: dict[int, RegionName] = {}
    first_seen: dict[int, str] = {}
    problems: list[Problem] = []
    for key, (row, column) in places.items():
        name = sheet.cell(row, column)
        if _is_total(name):
            cities[key] = RegionName("subtotal", None)
            continue
        found = place_or_problem(name, year=year, level="prefecture")
        if isinstance(found, Problem):
            problems.append(sheet.problem(found.code, row, column, name, found.expected))
            continue
        assert isinstance(found, Place)
        if found.code in first_seen:
            problems.append(sheet.problem("repeated_city", row, column, name, first_seen[found.code]))
        first_seen.setdefault(found.code, sheet.locate(row, column))
        cities[key] = RegionName("city", found.code)
    missing = sorted(required - first_seen.keys())
    if missing and not problems:
        names = "、".join(match_place(str(code), year=year).name_zh for code in missing)
        problems.append(Problem("missing_cities", names, sheet=sheet.name))
    if not required and not problems:
        if count is None:
            problems.append(Problem("places_not_declared", str(len(first_seen)), sheet=sheet.name))
        elif count != len(first_seen):
            problems.append(Problem("number_of_places", str(len(first_seen)), str(count), sheet=sheet.name))
    if problems:
        raise Refusal(*problems)
    return cities


def _is_total(name: str) -> bool:
    """Whether a name is the nation's or that of a group of regions."""
    try:
        return match_region(name).level in {"nation", "subtotal"}
    except ValueError:  # unknown or ambiguous as a region: a city, then
        return False
