"""Options of inference with few clusters: jackknife, wild cluster bootstrap, randomisation."""

from typing import ClassVar

from pydantic import Field

from catalog.part_options import PartOptions


class Options(PartOptions):
    """Further inference on the headline's term in every model that has it.

    `draws`: wild cluster bootstrap draws; `permutations`: re-assignments of the exposure over the entities.
    """

    beside: ClassVar[tuple[str, ...]] = ("regressions",)
    draws: int = Field(default=9999, ge=99)
    permutations: int = Field(default=1999, ge=99)
    seed: int = Field(default=0, ge=0)
