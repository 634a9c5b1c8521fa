"""Figures a paper prints: looking one up, and one figure in the paper's unit.

Belongs here: access to rows of `published_figure`, units, the meaning of stars.
Does not belong here: which figure corresponds to which of the study's (catalog/papers).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from catalog.base import refuse

# How the seed writes that a figure is printed without stars; an empty cell is "not known".
NO_STARS = "none"
KEYS = ["paper", "table_no", "column_no", "term"]


class ComparisonError(ValueError):
    """The inputs do not allow a comparison; the message names paper, table, column, row or unit."""


@dataclass(frozen=True)
class Figure:
    """One printed figure; `decimals` is None for yes-or-no rows, `stars` None where not known or not applicable."""

    value: float
    decimals: int | None
    stars: str | None
    unit: str | None

    @property
    def starred(self) -> bool | None:
        """Whether it carries stars, that is, is significant at the paper's weakest level; None if unknown."""
        return None if self.stars is None else self.stars != NO_STARS

    @property
    def half_unit(self) -> float:
        """Half a unit of the last printed decimal; 0 for yes-or-no rows."""
        return 0.0 if self.decimals is None else 0.5 * 10.0**-self.decimals

    def __str__(self) -> str:
        number = f"{self.value:,.{self.decimals or 0}f}"
        return number + (self.stars if self.starred and self.stars else "")


def figure(row: pd.Series) -> Figure:
    """The figure of a row of `published_figure`."""
    decimals, stars, unit = (None if pd.isna(row[name]) else row[name] for name in ("decimals", "stars", "unit"))
    return Figure(
        value=float(row["value"]),
        decimals=None if decimals is None else int(decimals),
        stars=None if stars is None else str(stars),
        unit=None if unit is None else str(unit),
    )


@dataclass(frozen=True)
class Printed:
    """The figures of one paper; empty for a study without a paper."""

    figures: dict[tuple[str, str, str], Figure]

    def get(self, table_no: str, column_no: str, term: str) -> Figure | None:
        """The figure at that place, None if the paper prints none or there is no paper."""
        return self.figures.get((table_no, column_no, term))

    def all(self, *places: tuple[str, str, str]) -> list[Figure] | None:
        """The figures at all these places, None if one is absent."""
        found = [self.figures.get(place) for place in places]
        return None if any(f is None for f in found) else [f for f in found if f is not None]

    def terms(self, table_no: str, column_no: str) -> list[str]:
        """Rows printed in a column, in order."""
        return [term for table, column, term in self.figures if (table, column) == (table_no, column_no)]


def read_printed(published: pd.DataFrame | None, paper: str | None) -> Printed:
    """The figures of `paper`; none when `paper` is None.

    Raises ComparisonError when the paper has no row, or two of one place.
    """
    if paper is None:
        return Printed({})
    return Printed(
        {(r["table_no"], r["column_no"], r["term"]): figure(r) for _, r in paper_rows(published, paper).iterrows()}
    )


def paper_rows(published: pd.DataFrame | None, paper: str) -> pd.DataFrame:
    """Rows of `published_figure` of one paper, in the order they are numbered. Raises as `read_printed`."""
    if published is None:
        raise ComparisonError(f"figures of {paper!r} are asked for, but published_figure is not given")
    rows = published[published["paper"] == paper]
    known = ", ".join(sorted(set(published["paper"]))) or "none"
    twice = [", ".join(map(str, key)) for key in rows.loc[rows.duplicated(KEYS), KEYS].itertuples(index=False)]
    refuse(
        (rows.empty, f"published_figure has no row of {paper!r}; papers there: {known}"),
        (twice[:1], "published_figure has two rows of {}"),
        error=ComparisonError,
    )
    return rows.sort_values("published_id", kind="stable", ignore_index=True)


def in_printed_unit(
    value: float, unit: str | None, printed_unit: str | None, units: Mapping[str, Mapping[str, float]], what: str
) -> float:
    """`value`, given in `unit`, in the unit the paper prints; unchanged if the paper prints none. `units` as in
    `catalog.papers.Paper`.

    Raises ComparisonError naming `what` for a pair of units that is not declared.
    """
    if printed_unit is None or (isinstance(value, float) and math.isnan(value)):
        return value
    factor = units.get(printed_unit, {}).get(unit or "", math.nan)
    how = f"no conversion from {unit!r} to the printed unit {printed_unit!r} is declared"
    refuse((math.isnan(factor), f"{what}: {how}"), error=ComparisonError)
    return value * factor
