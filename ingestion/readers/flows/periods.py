"""Years, months and days as files of flows write them. A period is never guessed from part of a text."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["year", "month", "day"]
_PATTERNS = (
    re.compile(r"(?P<y>\d{4})年?(?:\.0+)?"),
    re.compile(r"(?P<y>\d{4})(?:[-/.]|年)(?P<m>\d{1,2})月?"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d{2})"),
    re.compile(r"(?P<y>\d{4})(?:[-/.]|年)(?P<m>\d{1,2})(?:[-/.]|月)(?P<d>\d{1,2})日?(?:[ T]00:00(?::00(?:\.0+)?)?)?"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:\.0+)?"),
)
EXPECTED = "2023, 2023-01 or 2023-01-15 (also 20230115, 2023年1月)"


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
        if self.kind == "year":
            return self.year
        if self.kind == "month":
            return self.year * 12 + self.month - 1
        return dt.date(self.year, self.month, self.day).toordinal()

    @property
    def label(self) -> str:
        """2023, 2023-01 or 2023-01-15."""
        parts = {"year": 1, "month": 2, "day": 3}[self.kind]
        return "-".join((f"{self.year:04}", f"{self.month:02}", f"{self.day:02}")[:parts])


def parse_period(text: str) -> Period | None:
    """The period a text names, or None when it names none between 1949 and 2100."""
    for pattern in _PATTERNS:
        match = pattern.fullmatch(text.strip())
        if match is None:
            continue
        found = {name: int(value) for name, value in match.groupdict().items()}
        kind: Kind = "day" if "d" in found else "month" if "m" in found else "year"
        period = Period(kind, found["y"], found.get("m", 1), found.get("d", 1))
        if not 1949 <= period.year <= 2100:
            return None
        try:
            dt.date(period.year, period.month, period.day)
        except ValueError:
            return None
        return period
    return None
