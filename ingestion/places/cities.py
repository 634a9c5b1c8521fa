"""City names of a table matched to prefecture-level units, and whether the cities that should be there are.

The counterpart of regions.py for cities. A municipality in a table of cities is a city with its province's code.
What a name means in which year: ingestion/places.
"""

from collections.abc import Mapping

from ingestion.formats.grid import Sheet
from ingestion.places import match_place, place_or_problem
from ingestion.problems import Problem, refuse_for
from ingestion.vocabulary.names import RegionName, region_or_problem
from ingestion.vocabulary.regions import match_each

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
    cities, problems = match_each(sheet, places, lambda name: _city_or_problem(name, year), "repeated_city")
    found = {city.code for city in cities.values() if city.code is not None}
    missing = sorted(required - found)
    if missing and not problems:
        names = "、".join(match_place(str(code), year=year).name_zh for code in missing)
        problems.append(Problem("missing_cities", names, sheet=sheet.name))
    if not required and not problems and count != len(found):
        code, expected = ("places_not_declared", "") if count is None else ("number_of_places", str(count))
        problems.append(Problem(code, str(len(found)), expected, sheet=sheet.name))
    refuse_for(problems)
    return cities


def _city_or_problem(name: str, year: int) -> RegionName | Problem:
    """The city of that name in `year`, or a subtotal for the name of the nation or of a group of regions."""
    region = region_or_problem(name)
    if isinstance(region, RegionName) and region.level in {"nation", "subtotal"}:
        return RegionName("subtotal", None)
    found = place_or_problem(name, year=year, level="prefecture")
    return found if isinstance(found, Problem) else RegionName("city", found.code)
