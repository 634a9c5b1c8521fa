"""What an entry of sources.yaml may say about lists of divisions and tables of dialects. Reading them: ingestion/."""

from pydantic import Field

from catalog.base import Strict


class DialectColumns(Strict):
    """Which columns of a table of dialects hold what.

    place       codes or names of places
    dialect     the dialect: what two places share or do not share
    sub         its subgroup, where there is one
    year        the year whose divisions the codes or names are of; without it those that stand today come first
    level       how names are read: prefecture (default) or county
    object      the data frame, in an R data file that holds several objects
    """

    place: str = Field(min_length=1)
    dialect: str = Field(min_length=1)
    sub: str | None = Field(default=None, min_length=1)
    year: int | None = Field(default=None, ge=1981, le=2100)
    level: str | None = Field(default="prefecture", pattern="^(prefecture|county)$")
    object: str | None = Field(default=None, min_length=1)
