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
    seed: int = Field(default=0, ge=0)

    def check(self, study: Study) -> None:
        """Every name is another variable, none a control of the headline, whose controls are used, and the table's
        number is no regression's.
        """
        names = (self.outcome, self.term, *self.mediators)
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)}: named twice among outcome, term and mediators")
        models = study.options(regressions.Options)
        if self.table_no in {model.table_no for model in models.models}:
            raise ValueError(f"table_no: {self.table_no!r} is a table of regressions; take another")
        headline = models.headline_model
        held = sorted({self.outcome, *self.mediators} & set(headline.regressors) - {self.term})
        if held:
            raise ValueError(f"{', '.join(held)}: a control of the headline's model, which is held fixed here")
        for name in names:
            if name not in study.variable_names:
                raise ValueError(f"unknown variable {name!r}")
