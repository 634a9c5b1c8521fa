"""Options of inference with few clusters: jackknife, wild cluster bootstrap, randomisation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from catalog.part_options import PartOptions
from catalog.parts import regressions

if TYPE_CHECKING:
    from catalog.studies import Study


class Options(PartOptions):
    """Further inference on the headline's term in every model that has it.

    `draws`: wild cluster bootstrap draws; `permutations`: re-assignments of the exposure over the entities.
    """

    draws: int = Field(default=9999, ge=99)
    permutations: int = Field(default=1999, ge=99)
    seed: int = Field(default=0, ge=0)

    def check(self, study: Study) -> None:
        """There are models."""
        study.options(regressions.Options)
