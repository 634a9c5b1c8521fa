"""The two ends of a flow: which unit a name (with its code and province, where the file has them) means.

Belongs here: units of a network, places outside it, the tables of both. Names themselves: ingestion/places.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from catalog.provinces import MUNICIPALITIES
from ingestion.places import AmbiguousPlaceError, Place, UnknownPlaceError, match_place, place_or_problem
from ingestion.problems import Problem
from ingestion.readers.flows.engine import create_from_rows
from ingestion.vocabulary.names import normalise

# Between name, code and province of one end in the tables of this package; no file can hold it in a name.
SEPARATOR = "\x1f"
# Not among the 31 provinces the tables cover; with cities and counties of Taiwan the services list. 金门 and 连江 are
# also names in Fujian, so they stay questions.
# fmt: off
_OUTSIDE = frozenset([
    "台湾", "香港", "澳门",
    "台北", "新北", "桃园", "台中", "台南", "高雄", "基隆", "新竹", "嘉义",
    "宜兰", "苗栗", "彰化", "南投", "云林", "屏东", "台东", "花莲", "澎湖",
])
# fmt: on
_OUTSIDE_SUFFIXES = ("特别行政区", "省", "地区", "市", "县")
_OUTSIDE_CODES = ("71", "81", "82")


@dataclass(frozen=True)
class End:
    """What a text means. kind: place (then `code`), outside, province, empty or unknown (then `problem`)."""

    text: str
    kind: str
    code: int | None = None
    problem: Problem | None = None


def is_outside(name: str, code: str = "") -> bool:
    """Whether a name or code is of Taiwan, Hong Kong or Macao."""
    key = normalise(name)
    for suffix in _OUTSIDE_SUFFIXES:
        key = key.removesuffix(suffix)
    return key in _OUTSIDE or any(text[:6].isdigit() and text[:2] in _OUTSIDE_CODES for text in (code, name) if text)


class Ends:
    """Resolves each distinct text once. `years`: of the file's periods; a name is looked up as of the first, then
    of the last, for units founded meanwhile. `by_name`: names decide where a code contradicts them."""

    def __init__(self, level: str, years: Iterable[int], by_name: bool) -> None:
        self.level = level
        self.years = tuple(dict.fromkeys(years))
        self.by_name = by_name
        self._known: dict[str, End] = {}

    def find(self, text: str) -> End:
        """The meaning of `name`, or of name, code and province with SEPARATOR between them."""
        if text not in self._known:
            name, code, province = (*text.split(SEPARATOR), "", "")[:3]
            self._known[text] = self._resolve(text, name.strip(), code.strip(), province.strip())
        return self._known[text]

    def _resolve(self, text: str, name: str, code: str, province: str) -> End:
        if not name and not code:
            return End(text, "empty", problem=Problem("flow_no_place"))
        if is_outside(name, code) or (province and is_outside(province)):
            return End(text, "outside")
        within = None
        if province:
            found = place_or_problem(province, level="province")
            if isinstance(found, Problem):
                return End(text, "unknown", problem=found)
            within = found.code
        place = self._place(name, within) if name else self._place(code, within)
        if isinstance(place, Problem):
            if self.level == "prefecture" and self._is_province(name or code):
                return End(text, "province")
            return End(text, "unknown", problem=place)
        if name and code and not self.by_name:
            other = self._place(code, None)
            if isinstance(other, Problem) or other.code != place.code:
                means = other.found if isinstance(other, Problem) else f"{other.name_zh} {other.code}"
                problem = Problem("flow_code_mismatch", f"{name} {code}", f"{place.name_zh} {place.code}", means)
                return End(text, "unknown", problem=problem)
        return End(text, "place", place.code)

    def _place(self, name: str, province: int | None) -> Place | Problem:
        problem: Problem | None = None
        for year in (*self.years[:1], *self.years[-1:]):
            found = place_or_problem(name, level=self.level, province=province, year=year)
            if isinstance(found, Place):
                return found
            problem = problem or found
        return problem or place_or_problem(name, level=self.level, province=province)

    def _is_province(self, name: str) -> bool:
        try:
            return match_place(name, level="province").code not in MUNICIPALITIES
        except (UnknownPlaceError, AmbiguousPlaceError):
            return False


def name_places(con: duckdb.DuckDBPyConnection, ends: Ends, name: str, query: str) -> list[End]:
    """Table `name` (text, code, kind) of every text the query gives, in the order of the texts."""
    found = [ends.find(text) for text in sorted(str(text or "") for (text,) in con.execute(query).fetchall())]
    types = {"text": pa.string(), "code": pa.int32(), "kind": pa.string()}
    create_from_rows(con, name, types, [(end.text, end.code, end.kind) for end in found])
    return found
