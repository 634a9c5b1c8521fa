"""Options of coupling and coordination of two systems: domain section 5.3."""

from typing import ClassVar, Literal

from pydantic import Field

from catalog.identity import variant_of
from catalog.part_options import PartOptions

Form = Literal["standard", "half", "power", "wang"]
INDICES = ("u_digital", "u_health")
DEGREES = ("coupling_degree", "coordination_degree")


class Options(PartOptions):
    """`form`: of the coupling degree; `forms`: others, as variants. `levels`: ten levels of coordination or four.
    `table_no`: of the table of all places and years. `classes`: of the maps. `draws`, `seed`: of ranks when indicators
    and weights are drawn anew.
    """

    zh: ClassVar[str] = (
        "`form`：耦合度公式；`forms`：其他公式，作为变体。`levels`：协调等级分为十级或四级。`table_no`："
        "全部地区与年份的表的编号。`classes`：地图的分级数。`draws`、`seed`：指标与权重重新抽取时位次的抽"
        "样次数与种子。"
    )

    beside: ClassVar[tuple[str, ...]] = ("entropy_index",)
    form: Form = "standard"
    forms: tuple[Form, ...] = ()
    levels: Literal["ten", "four"] = "ten"
    table_no: str = "Table 4"
    classes: int = Field(default=5, ge=2)
    draws: int = Field(default=999, ge=99)
    seed: int = Field(default=0, ge=0)

    @property
    def offers(self) -> tuple[str, ...]:
        """Both indices, coupling and coordination."""
        return (*INDICES, *DEGREES)

    @property
    def variants(self) -> tuple[str, ...]:
        """Other forms of the coupling degree."""
        return tuple(variant_of({"form": form}) for form in self.forms if form != self.form)
