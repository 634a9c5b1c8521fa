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

Place = tuple[str, str, str]


class FactPlace(Strict):
    """A single printed figure and the corresponding fact of the study."""

    table_no: str
    column_no: str
    term: str
    fact: str
    label: Text

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
    summary statistic; at the places of `facts` a fact. `level`: the weakest level a star stands for.
    """

    paper: str
    level: float = Field(gt=0, lt=1)
    models: dict[str, dict[str, tuple[str, str]]] = Field(default_factory=dict)
    coefficients: dict[str, str] = Field(default_factory=dict)
    fit: dict[str, str] = Field(default_factory=dict)
    flags: dict[str, Pattern] = Field(default_factory=dict)
    statistics: dict[str, str] = Field(default_factory=dict)
    statistic_columns: dict[str, str] = Field(default_factory=dict)
    variables: dict[str, str] = Field(default_factory=dict)
    signed: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    facts_from: str | None = None
    facts: tuple[FactPlace, ...] = ()
    labels: dict[str, Text] = Field(default_factory=dict)
    units: dict[str, dict[str, Annotated[float, Field(gt=0)]]] = Field(default_factory=dict)
    count_unit: str | None = None

    def model(self, table: str, column: str) -> tuple[str, str] | None:
        """(table_no, model) of the study behind a printed column; None where it is no model's."""
        return self.models.get(table, {}).get(column)

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
        own = ", ".join(sorted({item.fact for item in self.facts} - set(COMMON_FACTS)))
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
    numeric = [name for name, column in columns.items() if column.type in ("DOUBLE", "INTEGER", "BIGINT")]
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
