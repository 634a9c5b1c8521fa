"""Whether the editions that splices chain (`link: chain`) can be: figures above zero of both in every overlap year.

Belongs here: refusing, before anything is written, what has no factor. Does not belong here: the factors
(dbt/models/marts/series_link.sql) and what a splice may say (catalog/declarations/splices.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from catalog import Sources
from catalog.base import CatalogError
from catalog.declarations.splices import Splice
from catalog.lake import REFUSED
from ingestion.problems import Problem
from ingestion.reading import FileReading

# By place and year, the smallest figure any file of an edition has.
Figures = dict[tuple[int, int], float]
# Places a message names; a whole country of them helps nobody.
_NAMED = 5


def require_links(readings: Sequence[FileReading], sources: Sources) -> None:
    """Raise CatalogError, with the key and its line, unless every place of a chained edition has a factor.

    An edition is linked to the next more preferred one of its splice that has figures of the indicator at the level.
    Overlap years are those in which both have figures of any place there.
    """
    for number, splice in enumerate(sources.splices):
        if splice.link is None:
            continue
        for problem in _problems(readings, splice):
            at = sources.place_of("splices", number, "link")
            raise CatalogError(f"{problem.english(at[0])}\n{problem.chinese(at[1])}")


def _problems(readings: Sequence[FileReading], splice: Splice) -> Iterator[Problem]:
    found = _figures(readings, splice)
    for indicator, level in sorted({key[:2] for key in found}):
        editions = [name for name in splice.vintages if (indicator, level, name) in found]
        for later, earlier in pairwise(editions):
            one, other = found[indicator, level, later], found[indicator, level, earlier]
            subject = f"{indicator} ({level}): {later}, {earlier}"
            years = {year for _, year in one} & {year for _, year in other}
            if not years:
                refused = ", ".join(_refused(readings, (later, earlier)))
                yield Problem("link_no_overlap", subject, _years(one, other), refused)
            elif gaps := sorted(_gaps(one, other, years)):
                yield Problem("link_gap", f"{subject}: {_listed(gaps)}", ", ".join(map(str, sorted(years))))


def _figures(readings: Sequence[FileReading], splice: Splice) -> Mapping[tuple[str, str, str], Figures]:
    """The figures of the splice by indicator, level and edition."""
    found: dict[tuple[str, str, str], Figures] = {}
    for reading in readings:
        if reading.source_file["vintage"] in splice.vintages:
            for record in reading.observation:
                if record["indicator"] in splice.indicators:
                    figures = found.setdefault((record["indicator"], record["entity_level"], record["vintage"]), {})
                    at = record["entity_code"], record["year"]
                    figures[at] = min(record["value"], figures.get(at, record["value"]))
    return found


def _gaps(later: Figures, earlier: Figures, years: set[int]) -> Iterator[tuple[int, int]]:
    """Places and overlap years without a figure above zero on either side, of the places the earlier edition has."""
    for code in {code for code, _ in earlier}:
        for year in years:
            if not all(figures.get((code, year), 0) > 0 for figures in (later, earlier)):
                yield code, year


def _listed(gaps: Sequence[tuple[int, int]]) -> str:
    named = ", ".join(f"{code} {year}" for code, year in gaps[:_NAMED])
    return named if len(gaps) <= _NAMED else f"{named}, … ({len(gaps)})"


def _years(*editions: Figures) -> str:
    """First and last year of each edition."""
    spans = (sorted({year for _, year in figures}) for figures in editions)
    return "; ".join(f"{years[0]}–{years[-1]}" for years in spans)


def _refused(readings: Sequence[FileReading], vintages: Sequence[str]) -> list[str]:
    files = (reading.source_file for reading in readings)
    return [file["path"] for file in files if file["status"] == REFUSED and file["vintage"] in vintages]
