"""What the texts of a file of flows mean: years, months and days, and the unit at each end of a flow.

Belongs here: periods, which are never guessed from part of a text; units of a network and places outside it. Names
themselves: ingestion/places.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import duckdb
import pyarrow as pa

from catalog.provinces import MUNICIPALITIES
from ingestion.places import Place, place_or_problem
from ingestion.places.numbering import running_numbers
from ingestion.problems import Problem
from ingestion.readers.flows.engine import create_from_rows
from ingestion.vocabulary.headers import squeeze
from ingestion.vocabulary.names import normalise
from ingestion.vocabulary.values import read_code, read_date
from ingestion.vocabulary.years import parse_year_cell

Kind = Literal["year", "month", "day"]
_MONTH = re.compile(r"([0-9]{4})(?:(?:[-/.]|年)([0-9]{1,2})月?|([0-9]{2})(?:\.0+)?)")
EPOCH = dt.date(1970, 1, 1)
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
_OUTSIDE_CODES = (71, 81, 82)


@dataclass(frozen=True)
class Period:
    """A year, month or day. `ordinal` counts within its kind, without gaps."""

    kind: Kind
    year: int
    month: int = 1
    day: int = 1

    @property
    def ordinal(self) -> int:
        """Year, months since year 0, or the proleptic Gregorian day."""
        day = dt.date(self.year, self.month, self.day).toordinal()
        return {"year": self.year, "month": self.year * 12 + self.month - 1, "day": day}[self.kind]

    @property
    def label(self) -> str:
        """2023, 2023-01 or 2023-01-15."""
        date = dt.date(self.year, self.month, self.day).isoformat()
        return date[: {"year": 4, "month": 7, "day": 10}[self.kind]]


def parse_period(text: str) -> Period | None:
    """The period a text names, or None when it names none between 1949 and 2100."""
    if (day := read_date(text)) is not None:
        return Period("day", day.year, day.month, day.day)
    if (year := parse_year_cell(text)) is not None:
        return Period("year", year)
    match = _MONTH.fullmatch(squeeze(text))
    month = read_date(f"{match[1]}-{match[2] or match[3]}-1") if match else None
    return Period("month", month.year, month.month) if month is not None else None


@dataclass(frozen=True)
class Calendar:
    """Periods as whole numbers: days since EPOCH, or the numbers the file holds. `fixed`: the one of the file."""

    whole: bool = False
    fixed: Period | None = None

    def period(self, number: int) -> Period | None:
        """The period of a number; None where there is none, such as 20201301."""
        if self.fixed is not None:
            return self.fixed
        return parse_period(str(number) if self.whole else (EPOCH + dt.timedelta(days=number)).isoformat())


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
    return key in _OUTSIDE or any((read_code(text) or 0) // 10000 in _OUTSIDE_CODES for text in (code, name))


@dataclass
class Ends:
    """Resolves each distinct text once. `years`: of the file's periods, in order; a name is looked up as of the first,
    then of the last, for units founded meanwhile. `by_name`: names decide where a code contradicts them."""

    level: str
    years: Sequence[int]
    by_name: bool
    _known: dict[str, End] = field(default_factory=dict)

    def find(self, text: str) -> End:
        """The meaning of `name`, or of name, code and province with SEPARATOR between them."""
        if text not in self._known:
            name, code, province = (*text.split(SEPARATOR), "", "")[:3]
            self._known[text] = self._resolve(text, name.strip(), code.strip(), province.strip())
        return self._known[text]

    def tell_numbers(self, texts: Sequence[str]) -> None:
        """Take those of all the texts that are running numbers for what they are."""
        for text in running_numbers(texts):
            self._known[text] = End(text, "unknown", problem=Problem("running_numbers", text))

    def _resolve(self, text: str, name: str, code: str, province: str) -> End:
        if not name and not code:
            return End(text, "empty", problem=Problem("flow_no_place"))
        if is_outside(name, code) or is_outside(province):
            return End(text, "outside")
        within = place_or_problem(province, level="province") if province else None
        if isinstance(within, Problem):
            return End(text, "unknown", problem=within)
        place = self._place(name or code, within.code if within is not None else None)
        if isinstance(place, Problem):
            whole = place_or_problem(name or code, level="province")
            named = isinstance(whole, Place) and whole.code not in MUNICIPALITIES
            province_itself = self.level == "prefecture" and named
            return End(text, "province") if province_itself else End(text, "unknown", problem=place)
        other = self._place(code, None) if name and code and not self.by_name else place
        if isinstance(other, Problem) or other.code != place.code:
            means = other.found if isinstance(other, Problem) else f"{other.name_zh} {other.code}"
            return End(
                text,
                "unknown",
                problem=Problem("flow_code_mismatch", f"{name} {code}", f"{place.name_zh} {place.code}", means),
            )
        return End(text, "place", place.code)

    def _place(self, name: str, province: int | None) -> Place | Problem:
        problem: Problem | None = None
        for year in (*self.years[:1], *self.years[-1:]):
            found = place_or_problem(name, level=self.level, province=province, year=year)
            if isinstance(found, Place):
                return found
            problem = problem or found
        return problem or place_or_problem(name, level=self.level, province=province)


def name_places(con: duckdb.DuckDBPyConnection, ends: Ends, name: str, query: str) -> list[End]:
    """Table `name` (text, code, kind) of every text the query gives, in the order of the texts."""
    texts = sorted(str(text or "") for (text,) in con.execute(query).fetchall())
    ends.tell_numbers(texts)
    found = [ends.find(text) for text in texts]
    create_from_rows(
        con,
        name,
        {"text": pa.string(), "code": pa.int32(), "kind": pa.string()},
        [(end.text, end.code, end.kind) for end in found],
    )
    return found
