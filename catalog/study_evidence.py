"""What a study file may ask for beyond its regressions: inference, design evidence, the specification curve.

The models only say what may be declared. Computing: models_py/econometrics and models_py/specification.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from catalog.base import Strict


class InferenceSpec(Strict):
    """Further inference on the terms in question: jackknife, wild cluster bootstrap, randomisation.

    `draws`: wild cluster bootstrap draws; `permutations`: re-assignments of the exposure over the provinces.
    """

    draws: int = Field(default=9999, ge=99)
    permutations: int = Field(default=1999, ge=99)
    seed: int = 0


class DesignSpec(Strict):
    """Evidence that needs nothing but the fit: influence, residual correlation, power.

    `cutoff_km`: distance beyond which residuals of two provinces are taken as unrelated (Conley). `power`: of the
    smallest coefficient detected.
    """

    cutoff_km: float = Field(default=1000.0, gt=0)
    power: float = Field(default=0.8, gt=0.5, lt=1)


class TimingSpec(Strict):
    """Evidence on timing. A province is exposed from the first year in which `treatment` exceeds `threshold`.

    `further_thresholds`: the same is given for these, under models named "<model> above 0.4". `leads` and `lags`: years
    before and after in the event study, further ones binned. `relative_magnitudes` and `smoothness`: bounds on
    departures from parallel trends (Rambachan and Roth 2023). `power`: of the slope a pre-trend test detects.
    """

    treatment: str
    threshold: float = 0.0
    further_thresholds: tuple[float, ...] = ()
    leads: int = Field(default=3, ge=1)
    lags: int = Field(default=5, ge=0)
    relative_magnitudes: tuple[float, ...] = (0.0, 0.5, 1.0, 1.5, 2.0)
    smoothness: tuple[float, ...] = (0.0, 0.01, 0.02, 0.05, 0.1)
    power: float = Field(default=0.8, gt=0.5, lt=1)


class CurveSpec(Strict):
    """The specification curve: the model it varies and the options of each choice.

    All combinations are fitted, or `at_most` of them drawn with `seed` when there are more; the study's own
    specification is always among them. `draws`: re-assignments of the exposure in the joint inference. A choice that is
    not listed stays as the study has it.
    """

    table_no: str
    model: str
    term: str
    choices: Choices
    at_most: int = Field(default=4000, ge=1)
    draws: int = Field(default=499, ge=99)
    seed: int = 0


class Choices(Strict):
    """Options of each choice, the columns of table `specification`; the study's own option need not be repeated."""

    utilisation: tuple[Literal["volume", "substitution", "mixed"], ...] = ()
    volume_basis: tuple[Literal["per_capita", "count", "log_count"], ...] = ()
    weighting: tuple[Literal["equal", "first_component", "entropy"], ...] = ()
    ddof: tuple[Literal[0, 1], ...] = ()
    numerator: tuple[Literal["covered", "prefecture_only", "fraction", "entries"], ...] = ()
    denominator: tuple[Literal["divisions", "cities"], ...] = ()
    municipality: tuple[Literal["districts", "one_city"], ...] = ()
    direct_county: tuple[Literal["own_unit", "exclude"], ...] = ()
    timing: tuple[Literal["half_year", "announcement", "label"], ...] = ()
    denominator_year: tuple[Literal["current", "fixed_2013"], ...] = ()
    # all: the model's; none; without_<name>: all but one.
    controls: tuple[str, ...] = ()
    transform: tuple[Literal["log_z", "z", "log", "raw"], ...] = ()
    effects: tuple[Literal["year", "year_trends", "region_year"], ...] = ()
    lag: tuple[Literal[0, 1], ...] = ()
    winsorise: tuple[Annotated[float, Field(ge=0, lt=0.5)], ...] = ()
    sample: tuple[Literal["all", "without_municipalities", "without_provisional"], ...] = ()

    @model_validator(mode="after")
    def _once(self) -> Choices:
        for name, options in self:
            if len(set(options)) < len(options):
                raise ValueError(f"{name}: an option stands twice")
        return self


CurveSpec.model_rebuild()
