"""Variables of a study made from indicators, and how they enter its models.

Belongs here: what may be declared of them. Does not belong here: making them (models_py/parts/regressions/variables.py)
and variables that parts make of their own.
"""

from typing import Literal

from pydantic import Field

from catalog.base import Strict

Transform = Literal["log_z", "z", "log", "raw"]


class DeflatorSpec(Strict):
    """A price index (previous year = 100) chained to 1 in `base_year`, by which a series is divided."""

    indicator: str
    base_year: int


class VariableSpec(Strict):
    """A regression variable made from an indicator: value x scale, deflated where asked, then ln where `log`.

    `standardise: false` keeps it out of the z-scores of the transforms log_z and z (outcomes, exposures).
    """

    indicator: str
    log: bool = False
    scale: float = Field(default=1.0, gt=0)
    standardise: bool = True
    deflate: DeflatorSpec | None = None


class Variables(Strict):
    """How variables enter: log_z (ln where marked, then pooled z), z (pooled z), log (ln where marked), raw."""

    transform: Transform = "raw"
    declared: dict[str, VariableSpec] = Field(default_factory=dict)

    @property
    def indicators(self) -> tuple[str, ...]:
        """Every indicator a variable is made of, its price index included."""
        specs = [spec for one in self.declared.values() for spec in (one, one.deflate) if spec is not None]
        return tuple(dict.fromkeys(spec.indicator for spec in specs))
