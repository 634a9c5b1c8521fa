"""Options of the part `goodness_of_fit`: whose simulated networks are set beside the observed one."""

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from catalog.base import repeated
from catalog.part_options import PartOptions
from catalog.parts import ergm
from catalog.study_rules import forbid

if TYPE_CHECKING:
    from catalog.studies import Study


class Options(PartOptions):
    """`models`: of each table of the part `ergm`, the models simulated; the headline's if a table is not named.
    `simulated`: networks drawn from each. `seed`: of these.
    """

    zh: ClassVar[str] = (
        "`models`：`ergm` 部分各表中要模拟的模型；未指明的表取主要模型。`simulated`：每个模型抽取的网络数。"
        "`seed`：抽取的种子。"
    )

    models: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    simulated: int = Field(default=100, ge=20)
    seed: int = Field(default=0, ge=0)

    def of(self, table: ergm.TableSpec) -> tuple[str, ...]:
        """Models of a table that are simulated."""
        return self.models.get(table.table_no, (table.headline,))

    def check(self, study: "Study") -> None:
        """Tables and models are those of the part `ergm`."""
        tables = {table.table_no: table for table in study.options(ergm.Options).tables}
        forbid(sorted(set(self.models) - set(tables)), "goodness_of_fit.table", ("models",))
        for name, models in self.models.items():
            unknown = [model for model in models if model not in tables[name].models] or repeated(models)
            forbid(unknown, "goodness_of_fit.model", ("models", name), table=name)
