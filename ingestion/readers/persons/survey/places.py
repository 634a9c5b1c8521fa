"""The two places of a respondent: from distinct texts to units, in the wave's own year and in the networks' year.

Belongs here: what the survey's texts mean; distinct ones only, each resolved once. What units there are:
ingestion/places. Whether the places agree with the answers: respondents.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from catalog.declarations.survey import SurveySpec, load_survey_catalog
from catalog.provinces import MUNICIPALITIES
from ingestion.places import UnknownPlaceError, at_year, place_or_problem, prefecture_of
from ingestion.problems import Problem
from ingestion.readers.base import require

# Far more than there ever were places: beyond it the variable is another one.
MOST_TEXTS = 20_000
# Looking for the nearest names takes milliseconds each.
MOST_UNKNOWN = 500
_CODE = re.compile(r"\d{2}|\d{4}|\d{6}")


@dataclass(frozen=True)
class Unit:
    """Where somebody lives or is registered; codes, 0 where the county is not known.

    city, county: at the end of the wave's year; own_city, own_county: in the networks' year.
    """

    city: int
    county: int
    own_city: int
    own_county: int


# A Problem without its row; None: outside the mainland.
Found = Unit | Problem | None


def find_origins(texts: list[str], spec: SurveySpec) -> list[Found]:
    """What each code of a household register means. Raises Refusal when they cannot be such codes."""
    return _bounded([(text,) for text in texts], lambda parts: _origin(parts[0], spec), spec.field_map.hukou_code)


def find_residences(texts: list[tuple[str, ...]], spec: SurveySpec) -> list[Found]:
    """What each (code,), (province, prefecture) or (province, prefecture, county) means.

    Raises Refusal when they cannot be places.
    """
    fields = spec.field_map
    name = fields.residence_code or fields.residence_prefecture or ""
    return _bounded(texts, lambda parts: _residence(parts, spec), name)


def _bounded(texts: Sequence[tuple[str, ...]], find: Callable[[tuple[str, ...]], Found], name: str) -> list[Found]:
    require(
        len(texts) <= MOST_TEXTS, Problem("survey_places", f"{len(texts):,} different values", f"{MOST_TEXTS:,}", name)
    )
    many = Problem("survey_places", f"more than {MOST_UNKNOWN} unknown values", f"{MOST_TEXTS:,}", name)
    found: list[Found] = []
    unknown = 0
    for parts in texts:
        found.append(find(parts))
        unknown += isinstance(found[-1], Problem) and all(parts[:2])
        require(unknown <= MOST_UNKNOWN, many)
    return found


def _origin(text: str, spec: SurveySpec) -> Found:
    if not text:
        return Problem("survey_origin_missing")
    if not _CODE.fullmatch(text):
        return Problem("survey_origin", text)
    if text.startswith(load_survey_catalog().outside):
        return None
    code = _read_code(text)
    return _unit(code, spec) if code else Problem("survey_origin_coarse", text)


def _read_code(text: str) -> int:
    """A code of two, four or six digits, finer than a province; 0 for anything else."""
    code = int(text.ljust(6, "0")) if _CODE.fullmatch(text) else 0
    return code if code % 10000 or code in MUNICIPALITIES else 0


def _unit(code: int, spec: SurveySpec) -> Unit | Problem:
    """The unit of a code of any year. A code no county ever had counts for the prefecture of its first four digits."""
    own_year = spec.codes_year or spec.wave
    municipality = code // 10000 * 10000 in MUNICIPALITIES
    for base in (code, code // 10000 * 10000 if municipality else code // 100 * 100):
        try:
            city, own_city = prefecture_of(base, spec.wave), prefecture_of(base, own_year)
            return Unit(city, _county(code, spec.wave), own_city, _county(code, own_year))
        except UnknownPlaceError as error:
            if error.year is not None:  # a place that was, and whose territory cannot be followed to that year
                problem = place_or_problem(f"{base:06d}", year=error.year)
                return problem if isinstance(problem, Problem) else _unknown(code)
    return _unknown(code)


def _unknown(code: int) -> Problem:
    problem = place_or_problem(f"{code:06d}")
    return problem if isinstance(problem, Problem) else Problem("unknown_place", f"{code:06d}")


def _county(code: int, year: int) -> int:
    if code % 100 == 0:
        return 0
    try:
        return at_year(code, year)
    except UnknownPlaceError:
        return 0


def _residence(parts: tuple[str, ...], spec: SurveySpec) -> Found:
    if not all(parts[:2]):
        return Problem("survey_residence_missing")
    if len(parts) == 1:
        code = _read_code(parts[0])
        return _unit(code, spec) if code else Problem("survey_residence", parts[0])
    province = place_or_problem(parts[0], level="province", truncated=True)
    if isinstance(province, Problem):
        return province
    city = _city(parts, province.code, spec)
    if isinstance(city, Problem):
        return city
    unit = _unit(_county_named(parts, province.code, city, spec.wave) or city, spec)
    return _unit(city, spec) if isinstance(unit, Problem) else unit


def _city(parts: tuple[str, ...], province: int, spec: SurveySpec) -> int | Problem:
    """The prefecture-level unit named second, in the wave's year; for one directly under the province the third is."""
    known = load_survey_catalog()
    name = parts[1]
    if province in MUNICIPALITIES and name in known.municipal_prefectures:
        return province
    if name in known.direct_prefectures:
        if len(parts) < 3 or not parts[2]:
            return Problem("survey_residence_missing")
        name = parts[2]
    city = place_or_problem(name, province=province, year=spec.wave, level="prefecture", truncated=True)
    if isinstance(city, Problem) and province in MUNICIPALITIES:
        # Some waves print the district where other provinces have a prefecture.
        district = place_or_problem(name, province=province, year=spec.wave, level="county", truncated=True)
        return city if isinstance(district, Problem) else province
    return city if isinstance(city, Problem) else city.code


def _county_named(parts: tuple[str, ...], province: int, city: int, year: int) -> int:
    """The county named third, 0 where there is none or it is not known: only networks of counties need it."""
    if len(parts) < 3 or not parts[2]:
        return 0
    within = None if province in MUNICIPALITIES or city % 100 else city
    found = place_or_problem(parts[2], province=province, city=within, year=year, level="county", truncated=True)
    return 0 if isinstance(found, Problem) else found.code
