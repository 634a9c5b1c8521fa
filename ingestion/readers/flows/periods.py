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
EPOCH = dt.date(1970, 1, 1)
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
        day = dt.date(self.year, self.month, self.day).toordinal()
        return {"year": self.year, "month": self.year * 12 + self.month - 1, "day": day}[self.kind]

    @property
    def label(self) -> str:
        """2023, 2023-01 or 2023-01-15."""
        parts = {"year": 1, "month": 2, "day": 3}[self.kind]
        return "-".join((f"{self.year:04}", f"{self.month:02}", f"{self.day:02}")[:parts])


def parse_period(text: str) -> Period | None:
    """The period a text names, or None when it names none between 1949 and 2100."""
    match = next((found for pattern in _PATTERNS if (found := pattern.fullmatch(text.strip()))), None)
    if match is None:
        return None
    parts = {name: int(value) for name, value in match.groupdict().items()}
    kind: Kind = "day" if "d" in parts else "month" if "m" in parts else "year"
    period = Period(kind, parts["y"], parts.get("m", 1), parts.get("d", 1))
    try:
        dt.date(period.year, period.month, period.day)
    except ValueError:
        return None
    return period if 1949 <= period.year <= 2100 else None


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
