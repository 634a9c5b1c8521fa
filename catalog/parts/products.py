"""Options of a table of products of coefficients."""

from typing import ClassVar

from pydantic import Field

from catalog.base import repeated
from catalog.part_options import PartOptions
from catalog.parts import regressions
from catalog.studies import Study
from catalog.study_rules import forbid


class Options(PartOptions):
    """`term` on each of `mediators` times each of those on `outcome`, never a mechanism where the mediators are parts
    of the outcome. `draws`: resamples of whole entities.
    """

    zh: ClassVar[str] = (
        "`term` 对各 `mediators` 的系数乘以后者对 `outcome` 的系数；中介变量本身是结果的组成部分时，不得"
        "解释为机制。`draws`：以整个单位为抽样单元的重抽样次数。"
    )

    twice: ClassVar[bool] = True
    table_no: str
    outcome: str
    term: str
    mediators: tuple[str, ...] = Field(min_length=1)
    draws: int = Field(default=999, ge=99)
    seed: int = Field(default=0, ge=0)

    def check(self, study: Study) -> None:
        """Every name is another variable, none a control of the headline, whose controls are used, and the table's
        number is no regression's.
        """
        names = (self.outcome, self.term, *self.mediators)
        forbid(repeated(names), "products.twice")
        models = study.options(regressions.Options)
        tables = {model.table_no for model in models.models}
        held = sorted({self.outcome, *self.mediators} & set(models.headline_model.regressors) - {self.term})
        forbid(self.table_no in tables, "products.table_taken", table=self.table_no)
        forbid(held, "products.held")
        study.check_variables(names)
