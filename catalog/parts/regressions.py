"""Options of two-way fixed-effects regressions: the models, their samples, and the headline."""

from typing import Annotated, Literal

from pydantic import Field

from catalog.base import Strict, Text, refuse, repeated
from catalog.identity import variant_of
from catalog.part_options import PartOptions
from catalog.parts.exposure import EXPOSURE
from catalog.studies import Study


class ModelSpec(Strict):
    """One regression with effects of entities and years.

    `trends` adds a linear trend for each entity; `region_years` takes region x year effects for the year effects.
    `winsorise` pulls outcome and regressors, but no share of exposure, to their pooled quantiles p and 1 - p. `lags`:
    years by which a regressor is taken back; an exposure comes from before the window, any other loses its first
    rows. `variant`: the variant of the variables that parts make, {weighting: entropy}. `without` leaves entities out.
    """

    table_no: str = Field(min_length=1)
    model: str = Field(min_length=1)
    outcome: str
    regressors: tuple[str, ...] = Field(min_length=1)
    trends: bool = False
    region_years: bool = False
    winsorise: float | None = Field(default=None, gt=0, lt=0.5)
    lags: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    variant: dict[str, str] = Field(default_factory=dict)
    without: tuple[Literal["municipalities"], ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """A key that no two models share."""
        return self.table_no, self.model

    @property
    def used(self) -> tuple[str, ...]:
        """Outcome and regressors."""
        return self.outcome, *self.regressors

    @property
    def of_variant(self) -> str:
        """The variant its variables come in, as the column `variant` names it."""
        return variant_of(dict(self.variant))


class Headline(Strict):
    """The estimate shown in summaries."""

    table_no: str
    model: str
    term: str


class Options(PartOptions):
    """The models in the order of their tables, standard errors clustered by entity, and which estimate comes first.

    `titles`: by number, what a table is for.
    """

    headline: Headline
    titles: dict[str, Text] = Field(default_factory=dict)
    models: tuple[ModelSpec, ...] = Field(min_length=1)

    @property
    def headline_model(self) -> ModelSpec:
        """The model the headline is taken from."""
        return self.model(self.headline.table_no, self.headline.model)

    def model(self, table_no: str, model: str) -> ModelSpec:
        """The model of this name. Raises KeyError."""
        found = next((spec for spec in self.models if spec.key == (table_no, model)), None)
        if found is None:
            raise KeyError(f"no model {model!r} is declared in {table_no}")
        return found

    @property
    def summary_table(self) -> str:
        """Number of the table of summary statistics: Table 1, unless a regression table has it."""
        return "Summary statistics" if "Table 1" in {model.table_no for model in self.models} else "Table 1"

    def check(self, study: Study) -> None:
        """Every name is a variable, every lag and variant exists, and the headline is a model's."""
        keys = [model.key for model in self.models]
        for model in self.models:
            _check_model(model, study)
        unknown = sorted(set(self.titles) - {model.table_no for model in self.models})
        refuse(
            (unknown, f"titles: no model is declared in {', '.join(unknown)}"),
            (repeated(keys), "two models share one table_no and model"),
            (
                (self.headline.table_no, self.headline.model) not in keys,
                "the headline names a model that is not declared",
            ),
        )
        of_model = self.headline.term in self.headline_model.regressors
        refuse((not of_model, f"the headline's term {self.headline.term!r} is not a regressor of its model"))


def _check_model(model: ModelSpec, study: Study) -> None:
    where = f"{model.table_no} {model.model}"
    unknown = [name for name in model.used if name not in study.variable_names]
    refuse(
        *((True, f"{where}: unknown variable {name!r}") for name in unknown),
        (repeated(model.used), f"{where}: a variable is named twice"),
    )
    for name, years in model.lags.items():
        refuse(
            (name not in model.regressors, f"{where}: {name!r} is lagged but is not a regressor"),
            (
                name == EXPOSURE and name in study.offered and years > 1,
                f"{where}: exposure lagged by {years} years; it is computed from one year before the study's years on, "
                "so 1 is the most",
            ),
        )
    variants = sorted(
        {variant for name in model.used if name in study.offered for variant in study.offered[name].variants}
    )
    other_unit = study.panel.unit != "province"
    refuse(
        (
            model.variant and model.of_variant not in variants,
            f"{where}: no variable comes in the variant {model.of_variant}; known: {variants or 'none'}",
        ),
        (
            model.without and other_unit,
            f"{where}: municipalities are provinces; the panel's unit is {study.panel.unit}",
        ),
        (model.region_years and other_unit, f"{where}: region x year effects need regions, which only provinces have"),
    )
