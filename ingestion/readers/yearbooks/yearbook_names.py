"""The second column of names in a yearbook table, in English: it must not contradict the Chinese names."""

from __future__ import annotations

from collections.abc import Mapping

from ingestion.formats.grid import Sheet
from ingestion.problems import Problem, Refusal
from ingestion.readers.yearbooks.yearbook_sections import REGION_HEADERS
from ingestion.vocabulary.headers import squeeze
from ingestion.vocabulary.names import AmbiguousNameError, RegionName, UnknownNameError, match_region


def check_other_names(
    sheet: Sheet, top: int, bottom: int, regions: Mapping[int, RegionName]
) -> list[tuple[Problem, str]]:
    """English names nobody knows, each with its problem: the row stands, but nothing confirms its Chinese name.

    Raises Refusal for a second region column, and for English names that contradict the Chinese ones.
    """
    unknown = []
    for column in range(2, sheet.width + 1):
        headers = {squeeze(sheet.cell(row, column)).lower() for row in range(top, bottom)}
        if headers & REGION_HEADERS:
            raise Refusal(sheet.problem("second_region_column", top, column, sheet.cell(top, column)))
        if "region" not in headers:
            continue
        for row, region in regions.items():
            name = sheet.cell(row, column)
            agrees = _agrees(name, region) if name else True
            if agrees is False:
                raise Refusal(sheet.problem("contradicting_name", row, column, name, sheet.cell(row, 1)))
            if agrees is None:
                unknown.append((sheet.problem("unknown_other_name", row, column, name, sheet.cell(row, 1)), name))
    return unknown


def _agrees(name: str, region: RegionName) -> bool | None:
    """Whether a name can mean the region; None for a name nobody knows."""
    try:
        other = match_region(name)
    except AmbiguousNameError as error:
        return any(choice.endswith(str(region.code)) for choice in error.choices)
    except UnknownNameError:
        return None
    return (other.level, other.code) == (region.level, region.code)
