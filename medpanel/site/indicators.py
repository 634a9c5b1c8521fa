"""The list of indicators and a page for each: what it means, where it was found, every province's figure with its cell.

Belongs here: what these pages say. Does not belong here: definitions (catalog/indicators.yaml). Of cities and counties
only numbers are shown, since there are tens of thousands of figures; the page has the query for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from catalog.base import Text
from catalog.indicators import Indicator, load_registry
from medpanel.runs.warehouse import quote
from medpanel.site.pages import Cell, Page, code, lang_text
from medpanel.site.published import Published, Row

# Rows of a list on a page; the query beside it gives all.
MOST = 50
_TITLE = Text(en="Indicators", zh="指标")
LEVELS = {
    "nation": Text(en="nation", zh="全国"),
    "province": Text(en="provinces", zh="省"),
    "city": Text(en="cities", zh="地级市"),
    "county": Text(en="counties", zh="县"),
}
STATUS = {
    "reported": Text(en="reported", zh="原值"),
    "corrected": Text(en="corrected", zh="更正"),
    "interpolated": Text(en="interpolated", zh="插值"),
    "carried": Text(en="carried forward", zh="沿用"),
}
_DIRECTION = {
    "favourable": Text(en="higher is better", zh="越高越好"),
    "adverse": Text(en="lower is better", zh="越低越好"),
    "neutral": Text(en="neutral", zh="中性"),
}
_FIGURES = """
SELECT indicator, year, entity_code, p.name_zh, p.name_en, value, o.status, o.vintage, file_id, path, sheet, cell,
  header, o.raw, raw_unit, unit
FROM observation AS o LEFT JOIN province AS p ON province_code = entity_code LEFT JOIN source_file USING (file_id)
WHERE chosen AND entity_level = 'province' ORDER BY indicator, year DESC, entity_code
"""
_COVERAGE = """
SELECT indicator, entity_level, year, count(*) AS figures, count(*) FILTER (status = 'interpolated') AS interpolated,
  count(*) FILTER (status = 'carried') AS carried, count(*) FILTER (status = 'corrected') AS corrected
FROM observation WHERE chosen GROUP BY ALL ORDER BY indicator, year DESC, entity_level
"""
_FILES = """
SELECT indicator, file_id, path, o.vintage, publisher, licence, count(*) AS figures, count(*) FILTER (chosen) AS chosen,
  min(year) AS first, max(year) AS last, list(DISTINCT header ORDER BY header) AS headers
FROM observation AS o JOIN source_file USING (file_id) GROUP BY ALL ORDER BY indicator, chosen DESC, path
"""
_CONFLICTS = """
SELECT *, count(*) OVER (PARTITION BY indicator) AS conflicts FROM vintage_conflict
QUALIFY row_number() OVER (PARTITION BY indicator ORDER BY abs(relative_gap) DESC, ALL) <= {most}
ORDER BY indicator, abs(relative_gap) DESC, entity_code, year
""".replace("{most}", str(MOST)).replace(" DESC, ALL)", " DESC, entity_code, year, vintage_other)")


@dataclass(frozen=True)
class _Rows:
    """What is published of all indicators, read once, by indicator."""

    data: Published

    @cached_property
    def figures(self) -> Mapping[str, list[Row]]:
        """The chosen figures of provinces, latest year first."""
        return self.data.by("indicator", _FIGURES)

    @cached_property
    def coverage(self) -> Mapping[str, list[Row]]:
        """Numbers of chosen figures by level and year."""
        return self.data.by("indicator", _COVERAGE)

    @cached_property
    def files(self) -> Mapping[str, list[Row]]:
        """The files an indicator was found in."""
        return self.data.by("indicator", _FILES)

    @cached_property
    def conflicts(self) -> Mapping[str, list[Row]]:
        """The largest differences between editions."""
        return self.data.by("indicator", _CONFLICTS)

    @cached_property
    def corrections(self) -> Mapping[str, list[Row]]:
        """What the file of corrections says."""
        return self.data.by("indicator", "FROM correction ORDER BY ALL")

    @cached_property
    def revisions(self) -> Mapping[str, list[Row]]:
        """What later downloads changed, the latest first."""
        return self.data.by("indicator", "FROM revision ORDER BY superseded_on DESC, entity_code, year")

    @cached_property
    def breaks(self) -> Mapping[str, list[Row]]:
        """Breaks of the series, with those of its inputs."""
        return self.data.by("indicator", "FROM series_break ORDER BY indicator, year, input_indicator, kind")

    @cached_property
    def barred(self) -> Mapping[str, list[Row]]:
        """Editions whose licence bars passing the figures on."""
        sql = "SELECT DISTINCT series, vintage, publisher, licence FROM barred_figure ORDER BY ALL"
        return self.data.by("series", sql)


def pages(data: Published) -> list[Page]:
    """The list and all pages."""
    rows = _Rows(data)
    known = load_registry().indicators.values()
    listed = [_listed(rows, indicator) for indicator in known]
    first = Page("indicators", _TITLE, "indicators.html.j2", "indicators", {"rows": listed})
    return [first, *(_page(rows, indicator) for indicator in known)]


def _listed(rows: _Rows, indicator: Indicator) -> list[Any]:
    covered = rows.coverage.get(indicator.id, [])
    years = [row["year"] for row in covered]
    return [
        Cell(indicator.label, f"indicator/{indicator.id}"),
        code(indicator.id),
        code(indicator.unit),
        code(f"{min(years)}–{max(years)}" if years else ""),
        sum(row["figures"] for row in covered) if covered else None,
        Cell(indicator.formula or "; ".join(header.name for header in indicator.headers), look="text"),
    ]


def _page(rows: _Rows, indicator: Indicator) -> Page:
    name = indicator.id
    figures = [_figure(row) for row in rows.figures.get(name, [])] or _computed(rows.data, indicator)
    conflicts = rows.conflicts.get(name, [])
    facts = {
        "indicator": indicator,
        "unit": load_registry().units[indicator.unit].en,
        "direction": _DIRECTION[indicator.direction],
        "headers": [_header(header.name, header.first, header.last) for header in indicator.headers],
        "studies": [study for study in rows.data.studies if name in study.indicators],
        "feeds": [other for other in load_registry().derived if name in other.inputs],
        "inputs": [load_registry().indicators[one] for one in indicator.inputs],
        "coverage": _coverage(rows.coverage.get(name, [])),
        "files": [_file(row) for row in rows.files.get(name, [])],
        "figures": figures,
        "latest": max((row["year"] for row in figures), default=None),
        "conflicts": [_conflict(row) for row in conflicts],
        "conflict_count": conflicts[0]["conflicts"] if conflicts else 0,
        "corrections": [_correction(row) for row in rows.corrections.get(name, [])[:MOST]],
        "revisions": [_revision(row) for row in rows.revisions.get(name, [])[:MOST]],
        "revision_count": len(rows.revisions.get(name, [])),
        "breaks": [_break(row) for row in rows.breaks.get(name, [])],
        "barred": rows.barred.get(name, []),
        "query": _query(indicator),
        "trace": f"SELECT * FROM trace('北京', 2020, '{name}');" if indicator.formula is None else "",
    }
    return Page(f"indicator/{name}", indicator.label, "indicator.html.j2", "indicators", facts)


def _header(name: str, first: int | None, last: int | None) -> str:
    return name if first is None and last is None else f"{name}（{first or ''}–{last or ''}）"


def _coverage(rows: Sequence[Row]) -> dict[str, Any]:
    """A row for each year, a column for each level that occurs, and how many figures are not as printed."""
    levels = [level for level in LEVELS if any(row["entity_level"] == level for row in rows)]
    years: dict[int, dict[str, Row]] = {}
    for row in rows:
        years.setdefault(row["year"], {})[row["entity_level"]] = row
    kinds = [kind for kind in ("interpolated", "carried", "corrected") if any(row[kind] for row in rows)]
    body = [
        [
            code(year),
            *(found[level]["figures"] if level in found else None for level in levels),
            *(sum(row[kind] for row in found.values()) or None for kind in kinds),
        ]
        for year, found in years.items()
    ]
    return {"head": [*(LEVELS[level] for level in levels), *(STATUS[kind] for kind in kinds)], "rows": body}


def _file(row: Row) -> list[Any]:
    return [
        Cell(row["path"], f"provenance#{row['file_id']}", "text"),
        code(row["vintage"]),
        Cell(row["publisher"], look="text"),
        code(f"{row['first']}–{row['last']}"),
        row["figures"],
        row["chosen"],
        Cell("; ".join(header for header in row["headers"] if header), look="text"),
    ]


def _figure(row: Row) -> dict[str, Any]:
    """A figure with its year, for the slider, and its cells."""
    status = STATUS.get(row["status"], row["status"])
    return {
        "year": row["year"],
        "cells": [
            code(row["year"]),
            lang_text(row, "name_en", "name_zh"),
            row["value"],
            Cell(status if row["status"] != "reported" else "", look="nowrap"),
            Cell(row["path"], f"provenance#{row['file_id']}", "text"),
            code(row["sheet"]),
            code(row["cell"]),
            Cell(row["header"], look="text"),
            code(" ".join(str(part) for part in (row["raw"], row["raw_unit"]) if part is not None)),
        ],
    }


def _computed(data: Published, indicator: Indicator) -> list[dict[str, Any]]:
    """Figures of provinces that a formula gives; their cells are those of its inputs."""
    if indicator.formula is None or not indicator.wide:
        return []
    column = quote(indicator.id)
    found = data.rows(
        f"SELECT year, name_zh, name_en, {column} AS value FROM province_year JOIN province USING (province_code) "
        f"WHERE {column} IS NOT NULL ORDER BY year DESC, province_code"
    )
    return [
        {"year": row["year"], "cells": [code(row["year"]), lang_text(row, "name_en", "name_zh"), row["value"]]}
        for row in found
    ]


def _conflict(row: Row) -> list[Any]:
    gap = row["relative_gap"]
    return [
        code(row["entity_code"]),
        code(row["year"]),
        row["value_kept"],
        code(row["vintage_kept"]),
        row["value_other"],
        code(row["vintage_other"]),
        Cell("" if gap is None else f"{100 * gap:+.2f}%", look="number"),
    ]


def _correction(row: Row) -> list[Any]:
    place = " ".join(str(row[part]) for part in ("path", "sheet", "cell") if row[part])
    return [
        code(row["entity_code"]),
        code(row["year"]),
        row["expected"],
        row["found"],
        row["value"],
        row["state"],
        Cell(row["reason"], look="text"),
        Cell(place, look="text"),
    ]


def _revision(row: Row) -> list[Any]:
    return [
        code(row["superseded_on"]),
        code(row["entity_code"]),
        code(row["year"]),
        row["value_before"],
        row["value_now"],
        code(row["file_before"], f"provenance#{row['file_before']}"),
        code(row["file_now"], f"provenance#{row['file_now']}"),
    ]


def _break(row: Row) -> list[Any]:
    return [
        code(row["year"]),
        code(row["input_indicator"], f"indicator/{row['input_indicator']}"),
        Cell(lang_text(row, "description", "description_zh"), look="text"),
        row["levels_comparable"],
        Cell(row["source"], look="text"),
    ]


def _query(indicator: Indicator) -> str:
    """All its figures, those of cities and counties too."""
    if indicator.formula is not None and indicator.wide:
        return f"SELECT province_code, year, {indicator.id}\nFROM province_year\nORDER BY year DESC, province_code;"
    return (
        "SELECT entity_level, entity_code, year, value, status, vintage, file_id, sheet, cell\nFROM observation\n"
        f"WHERE indicator = '{indicator.id}' AND chosen\nORDER BY entity_level, year DESC, entity_code;"
    )
