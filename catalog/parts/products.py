"""Options of a table of products of coefficients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from catalog.part_options import PartOptions
from catalog.parts import regressions

if TYPE_CHECKING:
    from catalog.studies import Study


class Options(PartOptions):
    """`term` on each of `mediators` times each of those on `outcome`, never a mechanism where the mediators are parts
    of the outcome. `draws`: resamples of whole entities.
    """

    table_no: str
    outcome: str
    term: str
    mediators: tuple[str, ...] = Field(min_length=1)
    draws: int = Field(default=999, ge=99)
    seed: int = 0

    def check(self, study: Study) -> None:
        """Every name is a variable, and none is a control of the headline, whose controls are used."""
        headline = study.options(regressions.Options).headline_model
        held = sorted({self.outcome, *self.mediators} & set(headline.regressors) - {self.term})
        if held:
            raise ValueError(f"{', '.join(held)}: a control of the headline's model, which is held fixed here")
        for name in (self.outcome, self.term, *self.mediators):
            if name not in study.variable_names:
                raise ValueError(f"unknown variable {name!r}")
