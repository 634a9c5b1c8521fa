"""What an entry of sources.yaml may say about maps, weights matrices, dialects and statistics-bureau exports.

Reading them: ingestion/readers/maps, divisions and exports.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Literal

from pydantic import Field

from catalog.base import Strict, refuse, repeated
from catalog.known_names import ReportedIndicator, UnitSymbol
from catalog.provinces import NATION_CODE, load_provinces


class DeclaredColumn(Strict):
    """What a column of a file contains, if its header does not say so in the registry's words."""

    indicator: ReportedIndicator
    unit: UnitSymbol | None = None


class MapSpec(Strict):
    """What a map file does not say in machine-readable form.

    level      of the places, for names two levels share (吉林, 海南); codes tell it themselves
    code, name properties (columns of an R data set) that hold the division code and the name
    object     the object of a TopoJSON file with several
    approval   the number of approval of the map (审图号), where the file does not carry it
    """

    level: Literal["province", "prefecture", "county"] | None = None
    code: str | None = Field(default=None, min_length=1)
    name: str | None = Field(default=None, min_length=1)
    object: str | None = Field(default=None, min_length=1)
    approval: str | None = Field(default=None, min_length=1)


class PairColumns(Strict):
    """The columns, counted from 1, of a file with a pair of places in each row and no header.

    value     kilometres that are read; straight: great-circle kilometres beside them, held against the coordinates
    width     how many columns a row has
    """

    first: int = Field(default=1, ge=1)
    second: int = Field(default=2, ge=1)
    value: int = Field(ge=1)
    straight: int | None = Field(default=None, ge=1)
    width: int = Field(ge=3)

    def _consistent(self) -> None:
        used = [c for c in (self.first, self.second, self.value, self.straight) if c is not None]
        wrong = len(set(used)) < len(used) or max(used) > self.width
        refuse(
            (
                wrong,
                f"weights: pairs: columns {used} must differ and lie within the {self.width} of a row / "
                f"weights: pairs：各列须不同且不超过每行 {self.width} 列",
            )
        )


class WeightsSpec(Strict):
    """What a spatial weights matrix is.

    name          the matrix is stored under; one name per matrix
    kind          what a weight is; the pattern of a contiguity matrix must be symmetric
    order         what the ids stand for: `codes` (ids are codes or names of places), `provinces` (1 to 31 are the
                  provinces in the order of their codes, without those of `provinces_absent`), or the codes of ids
                  1, 2, ... one by one; a matrix of bare numbers has its rows and columns in this order
    pairs         for distances given pair by pair: their columns; goes with kind `distance`, order `codes`
    standardised  `row` or `none` where the source says so; the matrix is held against it
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Literal["contiguity", "inverse_distance", "economic", "nested", "knn", "distance", "other"]
    order: Literal["codes", "provinces"] | tuple[int, ...]
    standardised: Literal["row", "none"] | None = None
    pairs: PairColumns | None = None

    def order_of(self, provinces: Sequence[int]) -> tuple[int, ...]:
        """Codes of the ids 1, 2, ...; `provinces` are those the file has. Empty where ids are codes or names."""
        by_order = {"codes": (), "provinces": tuple(provinces)}
        return by_order[self.order] if isinstance(self.order, str) else self.order

    def _consistent(self) -> None:
        twice = [] if isinstance(self.order, str) else repeated(self.order)
        refuse(
            (
                (self.pairs is not None) != (self.kind == "distance"),
                "weights: kind `distance` and `pairs` go together / weights：kind: distance 与 pairs 须同时声明",
            ),
            (
                self.pairs is not None and (self.order != "codes" or self.standardised is not None),
                "weights: pairs name their places (order `codes`), and distances are not standardised / "
                "weights：pairs 自带地名（order: codes），距离不作标准化",
            ),
            (
                not self.order or twice,
                f"weights: order: every code once, at least one; repeated: {twice} / "
                f"weights: order：每个代码一次；重复：{twice}",
            ),
        )


class ExportDeclaration(Strict):
    """What a statistics-bureau export does not say about itself.

    region: the one region a file of many indicators is of (Chinese or English name, or code; 全国 for the nation).
    level: what the names of regions are; a preamble 主要城市年度数据 says `city` by itself.
    places: how many cities the table holds; needed for tables of cities other than the bureau's 36 main ones.
    """

    region: str | None = None
    level: Literal["province", "city"] | None = None
    places: int | None = Field(default=None, ge=1, le=400)

    def _consistent(self) -> None:
        provinces = ((p.name_zh, p.short_zh, p.name_en, str(p.province_code)) for p in load_provinces())
        known = {None, "全国", str(NATION_CODE), *chain.from_iterable(provinces)}
        refuse(
            (
                self.region not in known,
                f"region: {self.region!r} is not a province, nor 全国 / region：{self.region!r} 既非省份，亦非全国",
            )
        )


class DialectColumns(Strict):
    """What the columns of a table of dialects contain.

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
