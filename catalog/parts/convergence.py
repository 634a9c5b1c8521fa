"""Options of sigma and beta convergence of variables between the units of a panel."""

from typing import ClassVar, Literal

from pydantic import Field

from catalog.base import repeated
from catalog.part_options import PartOptions
from catalog.studies import Study
from catalog.study_rules import forbid


class Options(PartOptions):
    """`variables`: of the study. `controls`: variables of the first year held fixed in the conditional form; none for
    the absolute form alone. `vcov`: heteroskedasticity-robust errors. `level`: of
    all intervals.
    """

    zh: ClassVar[str] = (
        "`variables`：本研究的变量。`controls`：条件收敛中固定的首年变量；没有则只做绝对收敛。`vcov`：异"
        "方差稳健标准误。`level`：全部区间的置信水平。"
    )

    variables: tuple[str, ...] = Field(default=("coordination_degree",), min_length=1)
    controls: tuple[str, ...] = ()
    vcov: Literal["hc1", "hc3"] = "hc3"
    level: float = Field(default=0.95, gt=0.5, lt=1)

    def check(self, study: Study) -> None:
        """Every name is a variable of the study, and stands once."""
        names = (*self.variables, *self.controls)
        study.check_variables(names)
        forbid(repeated(names), "convergence.twice")
