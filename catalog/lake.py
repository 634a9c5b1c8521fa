"""The tables of the lake (`lake.yaml`). Writing them: ingestion/build; the published tables: tables.py."""

from functools import cache
from typing import Literal

from pydantic import Field

from catalog.base import CATALOG_DIR, Text, read_yaml, refuse, validate

LAKE_PATH = CATALOG_DIR / "lake.yaml"
# Values of source_file.status: a file something of which was loaded has one of the first two.
LOADED, PARTIAL, REFUSED, NOT_READ = "loaded", "partial", "refused", "not_read"
IN_USE = (LOADED, PARTIAL)
STATUSES = (*IN_USE, REFUSED, NOT_READ)


class LakeColumn(Text):
    """A column; `required` and `values` say what the staging view is tested for."""

    type: Literal["INTEGER", "BIGINT", "DOUBLE", "VARCHAR", "BOOLEAN", "DATE", "BLOB"]
    unit: str | None = None
    required: bool = False
    values: tuple[str, ...] = ()


class LakeTable(Text):
    """A table of the lake; the keys are explained at the head of lake.yaml."""

    made: Literal["records", "whole", "run"]
    reach: Literal["warehouse", "lake", "private"] = "warehouse"
    order: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    refers: dict[str, str] = Field(default_factory=dict)
    columns: dict[str, LakeColumn]

    def _consistent(self) -> None:
        missing = sorted({*self.order, *self.key, *self.refers} - self.columns.keys())
        refuse(
            (missing, f"columns not declared: {missing}"),
            (
                bool(self.order) == (self.made == "whole"),
                "a table needs an order, unless files yield their share of it whole",
            ),
        )


@cache
def load_lake() -> dict[str, LakeTable]:
    """All tables of the lake by name, in file order. Raises CatalogError."""
    return validate(dict[str, LakeTable], read_yaml(LAKE_PATH), LAKE_PATH)


def shown_tables() -> dict[str, LakeTable]:
    """The tables used by anything other than the readers: all except those about persons."""
    return {name: table for name, table in load_lake().items() if table.reach != "private"}


def staged_tables() -> dict[str, LakeTable]:
    """The tables dbt reads, each through a view of its staging layer."""
    return {name: table for name, table in load_lake().items() if table.reach == "warehouse"}
