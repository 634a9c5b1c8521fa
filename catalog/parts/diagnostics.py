"""Options of evidence that needs nothing but the fit: influence, residual correlation, power."""

from typing import ClassVar

from pydantic import Field

from catalog.part_options import PartOptions


class Options(PartOptions):
    """`cutoff_km`: distance beyond which residuals of two entities are taken as unrelated (Conley). `power`: of the
    smallest coefficient detected.
    """

    zh: ClassVar[str] = (
        "`cutoff_km`：超过此距离的两个单位，其残差视为不相关（Conley）。`power`：最小可检出系数所对应的检验功效。"
    )

    twice: ClassVar[bool] = True
    beside: ClassVar[tuple[str, ...]] = ("regressions",)
    cutoff_km: float = Field(default=1000.0, gt=0)
    power: float = Field(default=0.8, gt=0.5, lt=1)
