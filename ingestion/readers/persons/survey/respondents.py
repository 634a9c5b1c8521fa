"""Each respondent checked: two known places that agree with the answer on the scope of the move.

Belongs here: who is loaded, refused or set aside, and why, as arrays, one element per respondent; and the two places:
from distinct texts, each resolved once, to units in the wave's own year and in the networks' year. What units there
are: ingestion/places; adding up and reporting: cmds_survey.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from catalog.declarations.survey import SurveySpec, load_survey_catalog
from catalog.provinces import MUNICIPALITIES
from ingestion.places import UnknownPlaceError, at_year, place_or_problem, prefecture_of, unknown_place
from ingestion.readers.base import Problem, require
from ingestion.readers.persons.survey.files import Coded, Variable, as_numbers, as_texts
from ingestion.vocabulary.values import read_code

# Far more than there ever were places: beyond it the variable is another one.
MOST_TEXTS = 20_000
# Looking for the nearest names takes milliseconds each.
MOST_UNKNOWN = 500


# Where somebody lives or is registered; codes, 0 where the county is not known. city, county: at the end of the wave's
# year; own_city, own_county: in the networks' year.
Unit = tuple[int, int, int, int]
_UNIT = ("city", "county", "own_city", "own_county")
# A Problem without its row; None: outside the mainland.
Found = Unit | Problem | None


ASIDE = -1


@dataclass(frozen=True)
class Respondents:
    """One element per record of the file.

    reason: 0 loaded, -1 set aside (registered outside the mainland), k: refused for problems[k - 1].
    origin, destination: codes by name of Unit's fields, int32, 0 where not known. scope: 1, 2, 3 or 0.
    weight: float64, NaN where missing or not in the file.
    """

    reason: np.ndarray
    problems: list[Problem]
    ids: Coded
    origin: dict[str, np.ndarray]
    destination: dict[str, np.ndarray]
    scope: np.ndarray
    weight: np.ndarray


def check_respondents(variables: dict[str, Variable], spec: SurveySpec) -> Respondents:
    """Check all respondents; the first problem of each counts. Raises Refusal when a variable is another one."""
    ids, codes = as_texts(variables["respondent"]), as_texts(variables["hukou_code"])
    judge = _Judge(len(codes.codes))
    judge.identity(ids)
    residences, at = _residences(variables, spec)
    judge.places(residences, at)
    # The last one is where -1, missing, points to.
    registered = [(text,) for text in (*codes.values, "")]
    origins = _bounded(registered, lambda parts: _origin(parts[0], spec), spec.field_map.hukou_code)
    judge.places(origins, codes.codes)
    origin, destination = _units(origins, codes.codes), _units(residences, at)
    scope = _scope(as_texts(variables["scope"]))
    judge.where(scope == 0, Problem("survey_scope", "", ", ".join(map(str, load_survey_catalog().scopes))))
    judge.where(_contradicted(origin, destination, scope, codes), Problem("survey_scope_contradicted"))
    weight = as_numbers(variables["weight"]) if "weight" in variables else np.full(len(scope), np.nan)
    if any(network.weight != "none" for network in spec.networks):
        judge.where(~(np.isfinite(weight) & (weight > 0)), Problem("survey_weight"))
    for network in spec.networks:
        if network.level == "county":
            unknown = (origin["own_county"] == 0) | (destination["own_county"] == 0)
            within = lies_within(network.province, origin, destination)
            judge.where(within & unknown, Problem("survey_county", "", network.name))
    return Respondents(judge.reason, judge.problems, ids, origin, destination, scope, weight)


def lies_within(province: int | None, *ends: dict[str, np.ndarray]) -> np.ndarray:
    """Respondents whose places all lie in the province."""
    return np.logical_and.reduce([units["city"] // 10000 * 10000 == province for units in ends])


class _Judge:
    def __init__(self, size: int) -> None:
        self.reason = np.zeros(size, dtype=np.int32)
        self.problems: list[Problem] = []

    def where(self, wrong: np.ndarray, problem: Problem) -> None:
        """Refuse those of `wrong` who are still to be loaded."""
        if wrong.any():
            self.problems.append(problem)
            self.reason[wrong & (self.reason == 0)] = len(self.problems)

    def identity(self, ids: Coded) -> None:
        self.where(ids.codes < 0, Problem("survey_id_missing"))
        times = np.bincount(ids.codes[ids.codes >= 0], minlength=len(ids.values))
        # Which of the records is the right one nobody can tell.
        self.where(np.append(times > 1, False)[ids.codes], Problem("survey_id_repeated"))

    def places(self, found: list[Found], at: np.ndarray) -> None:
        """Refuse or set aside by what the distinct texts mean; `at`: which text each respondent has."""
        reasons = np.zeros(len(found), dtype=np.int32)
        for number, place in enumerate(found):
            if place is None:
                reasons[number] = ASIDE
            elif isinstance(place, Problem):
                self.problems.append(place)
                reasons[number] = len(self.problems)
        self.reason = np.where(self.reason == 0, reasons[at], self.reason)


def _residences(variables: dict[str, Variable], spec: SurveySpec) -> tuple[list[Found], np.ndarray]:
    """What each distinct residence means, and which one each respondent has."""
    names = ("residence_code", "residence_province", "residence_prefecture", "residence_county")
    parts = {name: as_texts(variables[name]) for name in names if name in variables}
    codes = pd.DataFrame({name: part.codes for name, part in parts.items()})
    # Missing, -1, points to the last.
    values = [[*part.values, ""] for part in parts.values()]
    texts = [
        tuple(own[code] for own, code in zip(values, row, strict=True))
        for row in codes.drop_duplicates().itertuples(index=False)
    ]
    fields = spec.field_map
    name = fields.residence_code or fields.residence_prefecture or ""
    found = _bounded(texts, lambda own: _residence(own, spec), name)
    return found, codes.groupby(list(codes), sort=False).ngroup().to_numpy()


def _units(found: list[Found], at: np.ndarray) -> dict[str, np.ndarray]:
    return {
        name: np.array([place[n] if isinstance(place, tuple) else 0 for place in found], dtype=np.int32)[at]
        for n, name in enumerate(_UNIT)
    }


def _scope(answers: Coded) -> np.ndarray:
    known = {str(code): code for code in load_survey_catalog().scopes}
    return np.array([*(known.get(text, 0) for text in answers.values), 0], dtype=np.int8)[answers.codes]


def _contradicted(
    origin: dict[str, np.ndarray], destination: dict[str, np.ndarray], scope: np.ndarray, codes: Coded
) -> np.ndarray:
    """Respondents whose answer does not fit the two places, in the units of the wave's year.

    Where the code lists have no prefecture (in municipalities, and among units directly under one province) the
    answers 2 and 3 mean the same. Two places in one county contradict only a code that still stood: a register
    entry older than a merger of counties does not.
    """
    here, there = origin["city"], destination["city"]
    province = here // 10000 == there // 10000
    lumped = np.isin(here, list(MUNICIPALITIES)) | ((here % 100 > 0) & (there % 100 > 0))
    same = here == there
    standing = np.array([*(read_code(text) or -1 for text in codes.values), -1], dtype=np.int64)
    stood = standing[codes.codes] == origin["county"]
    one_county = (origin["county"] > 0) & (origin["county"] == destination["county"]) & stood
    other_prefecture = province & (~same | lumped) & ~one_county
    other_county = province & (same | lumped) & ~one_county
    return ((scope == 1) & province) | ((scope == 2) & ~other_prefecture) | ((scope == 3) & ~other_county)


def _bounded(texts: Sequence[tuple[str, ...]], find: Callable[[tuple[str, ...]], Found], name: str) -> list[Found]:
    """What each code of a register, or each residence, means. Raises Refusal when `name` cannot be such a variable."""
    most = f"{MOST_TEXTS:,}"
    require(len(texts) <= MOST_TEXTS, Problem("survey_places", f"{len(texts):,}", most, name))
    many = Problem("survey_places", "many_unknown", most, name)
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
    if read_code(text) is None:
        return Problem("survey_origin", text)
    if str(read_code(text)).startswith(load_survey_catalog().outside):
        return None
    code = _fine_code(text)
    return _unit(code, spec) if code else Problem("survey_origin_coarse", text)


def _fine_code(text: str) -> int:
    """A code finer than a province; 0 for anything else."""
    code = read_code(text) or 0
    return code if code % 10000 or code in MUNICIPALITIES else 0


def _unit(code: int, spec: SurveySpec) -> Unit | Problem:
    """The unit of a code of any year. A code no county ever had counts for the prefecture of its first four digits."""
    own_year = spec.codes_year or spec.wave
    municipality = code // 10000 * 10000 in MUNICIPALITIES
    for base in (code, code // 10000 * 10000 if municipality else code // 100 * 100):
        try:
            city, own_city = prefecture_of(base, spec.wave), prefecture_of(base, own_year)
            return city, _county(code, spec.wave), own_city, _county(code, own_year)
        except UnknownPlaceError as error:
            if error.year is not None:  # a place that was, and whose territory cannot be followed to that year
                problem = place_or_problem(f"{base:06d}", year=error.year)
                return problem if isinstance(problem, Problem) else _unknown(code)
    return _unknown(code)


def _unknown(code: int) -> Problem:
    problem = place_or_problem(f"{code:06d}")
    return problem if isinstance(problem, Problem) else unknown_place(f"{code:06d}")


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
        code = _fine_code(parts[0])
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
