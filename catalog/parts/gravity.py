"""Options of the part `gravity`: how much flows between places, beside whether there is a tie."""

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from catalog.base import repeated
from catalog.part_options import PartOptions
from catalog.parts import ergm
from catalog.study_rules import forbid

if TYPE_CHECKING:
    from catalog.studies import Study

UnlistedFlow = Literal["known_zero", "listed_only"]


class Options(PartOptions):
    """`tables`: those of the part `ergm` whose networks and covariates are taken. `table_no`: of the results.
    `unlisted`: flows no list names count as zero where a list bounds them below a tie (known_zero), or all such pairs
    are left out (listed_only); the study's own first.
    """

    zh: ClassVar[str] = (
        "`tables`：`ergm` 部分中取用其网络与协变量的表。`table_no`：结果表的编号。`unlisted`：名单未列出"
        "的流量，若名单表明其低于成边阈值则计为零（known_zero），或全部略去（listed_only）；本研究的选择"
        "居首。"
    )

    tables: tuple[str, ...] = Field(min_length=1)
    table_no: str = "Gravity"
    unlisted: tuple[UnlistedFlow, ...] = Field(default=("known_zero", "listed_only"), min_length=1)

    def check(self, study: "Study") -> None:
        """Tables are those of the part `ergm`, with covariates of pairs; no network stands in two."""
        known = {table.table_no: table for table in study.options(ergm.Options).tables}
        forbid([name for name in self.tables if name not in known], "gravity.table", ("tables",))
        forbid(repeated(self.tables) or repeated(self.unlisted), "gravity.twice")
        forbid(repeated([one for name in self.tables for one in known[name].networks]), "gravity.twice", ("tables",))
        forbid([name for name in self.tables if not known[name].dyads], "gravity.dyads", ("tables",))
        forbid(self.table_no in known, "gravity.table_no", ("table_no",), table=self.table_no)
