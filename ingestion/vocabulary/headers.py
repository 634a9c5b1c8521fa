"""Indicator names and units as headers print them, matched to the registry. Never guesses: see problems.py."""

import difflib
import re
import unicodedata
from dataclasses import replace

from catalog import Registry, Source
from catalog.characters import plain
from ingestion.problems import Problem, Refusal, require
from ingestion.vocabulary.numbers import FOOTNOTES

_TRAILING_UNIT = re.compile(r"[(（]([^()（）]*)[)）]\s*$")
# Marks of notes behind a name or its unit: circled and raised digits, asterisks, and the small Roman numerals the
# bureau's site prints. Letters count as marks only behind a bracket or a Chinese character.
_MARK = re.compile(rf"(?:[{re.escape(FOOTNOTES)}]+|(?<=[)）%\u4e00-\u9fff])\s*(?:i{{1,3}}|iv|v|vi{{1,3}}|[a-e]))$")
# A month, a quarter or a half of a year, also cumulated (1-2月).
_PERIOD = re.compile(
    r"[0-9]{4}\s*(?:年|[-./])\s*(?:[0-9]{1,2}(?:[-—–][0-9]{1,2})?\s*月?份?|第?[一二三四1-4]\s*季度?|[上下]半年|[Qq][1-4])|"
    r"[0-9]{4}\s*[Qq][1-4]|[0-9]{4}(?:0[1-9]|1[0-2])"
)
# Data years are years of the People's Republic; a four-digit number outside is something else.
FIRST_YEAR, LAST_YEAR = 1949, 2100


def squeeze(text: str) -> str:
    """Half-width, without blanks and unseen characters: the form in which names are compared."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", plain(text)))


def is_part_of_year(text: str) -> bool:
    """Whether a header is a month, a quarter or a half of a year, such as 2024年3月 or 2024年第一季度."""
    return _PERIOD.fullmatch(squeeze(text)) is not None


def without_mark(text: str) -> str:
    """A name without the marks of notes behind it: 财政支出（亿元）i, 地区生产总值①."""
    return _MARK.sub("", text.strip()).strip()


def unit_symbol(text: str, registry: Registry) -> str | None:
    """The catalogued unit written as `text`, or None."""
    wanted = squeeze(text)
    return next((unit for unit in registry.units if squeeze(unit) == wanted), None)


def split_unit(text: str, registry: Registry) -> tuple[str, str | None, str | None]:
    """(name, catalogued unit, unknown unit) of "急诊病死率(%)".

    A bracket that is part of a registered header, as in 地区生产总值(当年价格), is no unit; marks of notes go.
    """
    if find_indicator(text, registry) is not None:
        return text.strip(), None, None
    text = without_mark(text)
    match = _TRAILING_UNIT.search(text)
    if not match or find_indicator(text, registry) is not None:
        return text, None, None
    name, symbol = text[: match.start()].strip(), match.group(1)
    if find_indicator(name, registry) is None:
        name = without_mark(name)
    unit = unit_symbol(symbol, registry)
    return (name, unit, None) if unit else (name, None, symbol)


def find_indicator(name: str, registry: Registry) -> str | None:
    """Id of the indicator printed under `name` in some year, or None."""
    wanted = squeeze(name)
    named = (i.id for i in registry.reported if any(squeeze(header.name) == wanted for header in i.headers))
    return next(named, None)


def require_in_use(name: str, indicator: str, years: list[int], registry: Registry, problem: Problem) -> None:
    """Raise Refusal unless the name was in use in every one of the data years."""
    printed = (header for header in registry.indicators[indicator].headers if squeeze(header.name) == squeeze(name))
    header = next(printed, None)
    first, last = min(years), max(years)
    if header is None or ((header.first or first) <= first and last <= (header.last or last)):
        return
    expected = f"{header.first or ''}-{header.last or ''}"
    raise Refusal(replace(problem, code="outdated_name", found=f"{name}, {first}-{last}", expected=expected))


def settle_indicator(name: str | None, years: list[int], source: Source, registry: Registry, at: Problem) -> str:
    """The indicator, from the file's own name and the declaration in sources.yaml. Raises Refusal.

    `at` carries the place named in messages.
    """
    found = None
    if name is not None:
        found = find_indicator(name, registry)
        if found is not None:
            require_in_use(name, found, years, registry, at)
        else:
            found = _declared(name, source)
        if found is None:
            raise Refusal(replace(at, code="unknown_indicator", found=name, expected=_nearest(name, registry)))
    require(found is not None or source.indicator is not None, replace(at, code="no_indicator"))
    require(
        found is None or source.indicator is None or found == source.indicator,
        replace(at, code="contradicting_indicator", found=name or "", expected=f"{source.indicator} (sources.yaml)"),
    )
    return found or str(source.indicator)


def _declared(name: str, source: Source) -> str | None:
    """The indicator `columns` of the entry says a header means, or None."""
    meant = (column.indicator for header, column in source.columns.items() if squeeze(header) == squeeze(name))
    return next(meant, None)


def settle_unit(
    printed: str | None, unknown: str | None, indicator: str, source: Source, registry: Registry, at: Problem
) -> str:
    """The unit, from the file and the declaration, checked to measure the indicator. Raises Refusal."""
    require(unknown is None, replace(at, code="unknown_unit", found=unknown or "", expected=", ".join(registry.units)))
    # A declared unit speaks for the declared indicator only, never for every column a pattern covers.
    declared = source.unit if source.indicator in (None, indicator) else None
    require(
        printed is None or declared is None or printed == declared,
        replace(at, code="contradicting_unit", found=printed or "", expected=f"{declared} (sources.yaml)"),
    )
    unit = printed or declared
    if unit is None:
        raise Refusal(replace(at, code="no_unit"))
    unit = registry.indicators[indicator].shorthand.get(unit, unit)
    try:
        registry.conversion(unit, indicator)
    except ValueError:
        target = registry.units[registry.indicators[indicator].unit].quantity
        raise Refusal(replace(at, code="wrong_quantity", found=unit, expected=target, hint=indicator)) from None
    return unit


def _nearest(name: str, registry: Registry) -> str:
    names = [header.name for indicator in registry.reported for header in indicator.headers]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5) if len(name) <= 80 else []
    return ", ".join(near)
