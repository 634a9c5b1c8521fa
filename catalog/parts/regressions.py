"""Options of two-way fixed-effects regressions: the models, their samples, and the headline."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from catalog.base import Strict, Text, repeated
from catalog.identity import variant_of
from catalog.key_errors import AtKey
from catalog.part_options import PartOptions
from catalog.parts.exposure import EXPOSURE
from catalog.studies import Study
from catalog.study_rules import forbid


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

    zh: ClassVar[str] = "模型按表的次序排列，标准误按单位聚类；并指明何者为主要估计。`titles`：按编号给出各表的用途。"

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
        for number, model in enumerate(self.models):
            try:
                _check_model(model, study)
            except AtKey as error:
                raise error.below("models", number) from None
        unknown = sorted(set(self.titles) - {model.table_no for model in self.models})
        forbid(unknown, "regressions.titles", ("titles",))
        forbid([" ".join(key) for key in repeated(keys)], "regressions.same_model")
        forbid((self.headline.table_no, self.headline.model) not in keys, "regressions.headline", ("headline",))
        of_model = self.headline.term in self.headline_model.regressors
        forbid(not of_model, "regressions.headline_term", ("headline", "term"), term=self.headline.term)


def _check_model(model: ModelSpec, study: Study) -> None:
    where = f"{model.table_no} {model.model}"
    study.check_variables(model.used)
    forbid(repeated(model.used), "regressions.twice", where=where)
    for name, years in model.lags.items():
        forbid(name not in model.regressors, "regressions.lag", where=where, name=name)
        too_long = name == EXPOSURE and name in study.offered and years > 1
        forbid(too_long, "regressions.exposure_lag", where=where, years=years)
    variants = sorted(
        {variant for name in model.used if name in study.offered for variant in study.offered[name].variants}
    )
    unit, other_unit = study.panel.unit, study.panel.unit != "province"
    no_variant = model.variant and model.of_variant not in variants
    forbid(no_variant, "regressions.variant", where=where, variant=model.of_variant, known=variants)
    forbid(model.without and other_unit, "regressions.municipalities", where=where, unit=unit)
    forbid(model.region_years and other_unit, "regressions.regions", where=where, unit=unit)
