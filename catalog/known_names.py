"""Types of keys that name what is catalogued, and of days: a name not known is told at its own key, with the nearest.

Belongs here: indicators, units, provinces and days as declarations write them. Does not belong here: how a fault is
told (key_faults.py) and names of places in files (ingestion/).
"""

import datetime as dt
import re
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from catalog.base import refuse
from catalog.indicators import load_registry
from catalog.key_errors import Unknown
from catalog.provinces import province_names

_DAY = re.compile(r"(\d{4})([-/.]|年)(\d{1,2})(?:\2|月)(\d{1,2})日?|(\d{4})(\d{2})(\d{2})")


def _known_indicator(name: str) -> str:
    known = load_registry().indicators
    if name not in known:
        raise Unknown("indicator", name, known)
    return name


def _reported_indicator(name: str) -> str:
    registry = load_registry()
    if name not in registry.indicators:
        raise Unknown("indicator", name, [indicator.id for indicator in registry.reported])
    of = ", ".join(registry.indicators[name].inputs)
    refuse(
        (
            not registry.is_reported(name),
            f"{name} is derived, and {name!r} is not a reported indicator: no file carries it; declare what it is made "
            f"of: {of} / {name} 由其他指标（{of}）计算，不从文件读取；请声明这些指标",
        )
    )
    return name


def _unit(symbol: str) -> str:
    if symbol not in load_registry().units:
        raise Unknown("unit", symbol, load_registry().units)
    return symbol


def known_provinces(key: str, names: Iterable[object]) -> None:
    """Check the list under a key. Raises Unknown for an entry that is no province's name or code."""
    for number, name in enumerate(names):
        if str(name) not in province_names():
            raise Unknown("province", str(name), province_names(), (key, number))


def day_of(written: Any) -> Any:
    """The day of 2026-11-29, 2026/11/29, 2026.11.29, 2026年11月29日 or 20261129. Raises ValueError for others."""
    if isinstance(written, dt.date) and not isinstance(written, dt.datetime):
        return written
    found = _DAY.fullmatch(str(written).strip())
    parts = [int(part) for part in found.groups() if part is not None and part.isdigit()] if found else []
    try:
        return dt.date(*parts)
    except (TypeError, ValueError):
        raise ValueError("no day there is; write it as 2026-11-29 / 不是有效日期；请写作 2026-11-29") from None


KnownIndicator = Annotated[str, AfterValidator(_known_indicator)]
ReportedIndicator = Annotated[str, AfterValidator(_reported_indicator)]
UnitSymbol = Annotated[str, AfterValidator(_unit)]
Day = Annotated[dt.date, BeforeValidator(day_of)]
