"""Which of a study's figures corresponds to which figure printed in a paper (`papers/*.yaml`).

Belongs here: names and units, as data, one file for each paper. Does not belong here: the printed figures themselves
(dbt/seeds/published_figure.csv) and any computation (models_py/parts/comparison).
"""

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from catalog.base import CATALOG_DIR, CatalogError, Pattern, Strict, Text, read_yaml, refuse, repeated, validate
from catalog.part_options import known_parts
from catalog.tables import load_tables

PAPERS_DIR = CATALOG_DIR / "papers"
# Facts that every study has; any other is known to the part named by `facts_from`.
YEARS = ("first_year", "last_year")
COMMON_FACTS = ("n_entities", *YEARS)
_NUMERIC = ("DOUBLE", "INTEGER", "BIGINT")

Place = tuple[str, str, str]


class Cell(Strict):
    """One cell of a table of results: the row with these values, a numeric column, and what brings it to the printed
    unit. `signed`: it could have either sign.
    """

    table: str
    where: dict[str, str | int]
    column: str
    scale: float = Field(default=1.0, gt=0)
    signed: bool = False

    def _consistent(self) -> None:
        known = load_tables().get(self.table)
        columns = {} if known is None else known.columns
        absent = sorted({*self.where, self.column} - set(columns))
        refuse(
            (known is None or known.origin != "study", f"cell: {self.table!r} is not a table of results"),
            (absent, f"cell: {self.table} has no column {{}}"),
            (
                columns.get(self.column) and columns[self.column].type not in _NUMERIC,
                f"cell: {self.table}.{self.column} holds no numbers",
            ),
        )


class FactPlace(Strict):
    """A single printed figure and what corresponds to it: a fact of the study, or a cell of its tables of results.

    With neither it is known to have no counterpart here; `label` says what it is.
    """

    table_no: str
    column_no: str
    term: str
    fact: str | None = None
    cell: Cell | None = None
    label: Text

    def _consistent(self) -> None:
        refuse((self.fact and self.cell, f"{', '.join(self.place)}: give fact or cell, not both"))

    @property
    def place(self) -> Place:
        """Where the paper prints it."""
        return self.table_no, self.column_no, self.term

    @property
    def is_year(self) -> bool:
        """Whether it is a year rather than a quantity."""
        return self.fact in YEARS


class Paper(Strict):
    """How one paper's tables, columns and rows are called in the study that rebuilds it; see the comments of the files.

    In the tables of `models` a printed row is a coefficient, a figure of the fit or a flag; in those of `statistics` a
    summary statistic; at the places of `facts` a fact or cell. `level`: the weakest level a star stands for, None where
    the paper's figures carry none. `fact_tables`: inputs and tables of results the facts of `facts_from` read.
    """

    paper: str
    level: float | None = Field(default=None, gt=0, lt=1)
    models: dict[str, dict[str, tuple[str, str]]] = Field(default_factory=dict)
    coefficients: dict[str, str] = Field(default_factory=dict)
    fit: dict[str, str] = Field(default_factory=dict)
    flags: dict[str, Pattern] = Field(default_factory=dict)
    statistics: dict[str, str] = Field(default_factory=dict)
    statistic_columns: dict[str, str] = Field(default_factory=dict)
    variables: dict[str, str] = Field(default_factory=dict)
    signed: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    facts_from: str | None = None
    fact_tables: tuple[str, ...] = ()
    facts: tuple[FactPlace, ...] = ()
    labels: dict[str, Text] = Field(default_factory=dict)
    units: dict[str, dict[str, Annotated[float, Field(gt=0)]]] = Field(default_factory=dict)
    count_unit: str | None = None

    def model(self, table: str, column: str) -> tuple[str, str] | None:
        """(table_no, model) of the study behind a printed column; None where it is no model's."""
        return self.models.get(table, {}).get(column)

    @property
    def tables(self) -> tuple[str, ...]:
        """Inputs and tables of results that facts and cells are taken from."""
        return tuple(dict.fromkeys((*self.fact_tables, *(item.cell.table for item in self.facts if item.cell))))

    def fact(self, *place: str) -> FactPlace | None:
        """The fact behind a printed place; None where there is none."""
        return next((item for item in self.facts if item.place == place), None)

    def _consistent(self) -> None:
        _require_figures("fit", self.fit, "model_fit")
        _require_figures("statistic_columns", self.statistic_columns, "summary_statistic")
        for what, names in (
            ("the row", [*self.coefficients, *self.fit, *self.flags]),
            ("the table", [*self.models, *self.statistics]),
            ("the place", [", ".join(item.place) for item in self.facts]),
        ):
            refuse(*((True, f"{what} {name} is declared twice") for name in repeated(names)))
        lacking = ", ".join(sorted({*self.fit, *self.flags, *self.statistic_columns} - set(self.labels)))
        refuse((lacking, f"labels: {lacking} has none"))
        for variable, columns in self.signed.items():
            unknown = ", ".join(sorted(set(columns) - set(self.statistic_columns.values())))
            refuse(
                (variable not in self.variables.values(), f"signed: {variable!r} is none of the variables"),
                (unknown, f"signed: {variable}: {unknown} is none of the statistic_columns"),
            )
        own = ", ".join(sorted({item.fact for item in self.facts if item.fact} - set(COMMON_FACTS)))
        no_part = self.facts_from not in {None, *known_parts()}
        refuse(
            (
                own and self.facts_from is None,
                f"facts: {own} is none of {', '.join(COMMON_FACTS)}, and facts_from names no part",
            ),
            (no_part, f"facts_from: unknown part {self.facts_from!r}; known: {', '.join(known_parts())}"),
        )


def _require_figures(key: str, names: dict[str, str], table: str) -> None:
    columns = load_tables()[table].columns
    numeric = [name for name, column in columns.items() if column.type in _NUMERIC]
    figures = f"is not a figure of {table}; its figures: {', '.join(numeric)}"
    refuse(*((name not in numeric, f"{key}: {row}: {name!r} {figures}") for row, name in names.items()))


def read_papers(folder: Path) -> dict[str, Paper]:
    """Every paper of a folder by its id, `paper:`. Raises CatalogError, also for two files of one paper."""
    found: dict[str, Paper] = {}
    for path in sorted(folder.glob("*.yaml")):
        paper = validate(Paper, read_yaml(path), path)
        refuse((paper.paper in found, f"{path}: another file is about {paper.paper!r} too"), error=CatalogError)
        found[paper.paper] = paper
    return found


@cache
def load_papers() -> dict[str, Paper]:
    """The papers whose figures are compared, by id."""
    return read_papers(PAPERS_DIR)


def paper_named(name: str) -> Paper:
    """The counterparts of a paper. Raises CatalogError naming those there are."""
    found = load_papers().get(name)
    if found is None:
        known = ", ".join(load_papers()) or "none"
        raise CatalogError(f"no counterparts are declared for {name!r} (catalog/papers); papers there: {known}")
    return found
