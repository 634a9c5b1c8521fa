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
