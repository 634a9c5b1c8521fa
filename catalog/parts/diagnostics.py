"""Options of evidence that needs nothing but the fit: influence, residual correlation, power."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from catalog.part_options import PartOptions
from catalog.parts import regressions

if TYPE_CHECKING:
    from catalog.studies import Study


class Options(PartOptions):
    """`cutoff_km`: distance beyond which residuals of two entities are taken as unrelated (Conley). `power`: of the
    smallest coefficient detected.
    """

    twice: ClassVar[bool] = True
    cutoff_km: float = Field(default=1000.0, gt=0)
    power: float = Field(default=0.8, gt=0.5, lt=1)

    def check(self, study: Study) -> None:
        """There are models."""
        study.options(regressions.Options)
