"""Options of inference with few clusters: jackknife, wild cluster bootstrap, randomisation."""

from typing import ClassVar

from pydantic import Field

from catalog.part_options import PartOptions


class Options(PartOptions):
    """Further inference on the headline's term in every model that has it.

    `draws`: wild cluster bootstrap draws; `permutations`: re-assignments of the exposure over the entities.
    """

    zh: ClassVar[str] = (
        "对含有主要估计项的每个模型作进一步推断。`draws`：聚类野自助抽样次数；`permutations`：在各单位间"
        "重新分配暴露的次数。"
    )

    beside: ClassVar[tuple[str, ...]] = ("regressions",)
    draws: int = Field(default=9999, ge=99)
    permutations: int = Field(default=1999, ge=99)
    seed: int = Field(default=0, ge=0)
