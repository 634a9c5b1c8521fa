"""Options of sigma and beta convergence of variables between the units of a panel."""

from typing import Literal

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

    variables: tuple[str, ...] = Field(default=("coordination_degree",), min_length=1)
    controls: tuple[str, ...] = ()
    vcov: Literal["hc1", "hc3"] = "hc3"
    level: float = Field(default=0.95, gt=0.5, lt=1)

    def check(self, study: Study) -> None:
        """Every name is a variable of the study, and stands once."""
        names = (*self.variables, *self.controls)
        study.check_variables(names)
        forbid(repeated(names), "convergence.twice")
