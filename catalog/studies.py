"""Study files (`studies/*.yaml`): which indicators, exposure, controls and regressions a study consists of.

The models only say what may be declared. Computing: models_py/; exposure: dbt/models/intermediate/int_exposure_*.sql.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from catalog.base import CATALOG_DIR, CatalogError, Strict, Text, read_yaml, validate
from catalog.indicators import load_registry
from catalog.study_evidence import CurveSpec, DesignSpec, InferenceSpec, TimingSpec

STUDIES_DIR = CATALOG_DIR / "studies"
Reading = Literal["volume", "substitution", "mixed"]
Weighting = Literal["equal", "first_component", "entropy"]
ReservedRegressor = Literal["exposure"]
# Marks the version of a reading that is standardised over the whole panel although the study has a baseline.
POOLED = "pooled"
INDEX_NAMES = ("mspi", "ssi", "qii", "hmi")


class VolumeIndicator(Strict):
    """A utilisation series in its two bases; `index.volume_basis` picks one."""

    per_capita: str
    count: str


class IndexSpec(Strict):
    """The performance index: domain sections 2.1 to 2.3.

    `baseline_years`: the window whose means, standard deviations, minima and maxima are used for every year, so that
    a new year leaves past values as they are; the whole panel when not given.
    """

    volume_basis: Literal["per_capita", "count", "log_count"]
    utilisation: Reading
    ddof: Literal[0, 1]
    allow_edge_fill: bool
    baseline_years: tuple[int, int] | None = None
    dimensions: dict[Literal["ssi", "qii", "hmi"], tuple[VolumeIndicator | str, ...]]

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Readings computed, the configured one first; volume and substitution always are."""
        return tuple(dict.fromkeys((self.utilisation, "volume", "substitution")))

    @property
    def versions(self) -> dict[str, tuple[int, int] | None]:
        """Values of performance_index.reading, each with the years that standardise it (None: all).

        With a baseline every reading also has a pooled version, so that the two can be compared.
        """
        versions: dict[str, tuple[int, int] | None] = dict.fromkeys(self.readings, self.baseline_years)
        if self.baseline_years is not None:
            versions |= {f"{reading} {POOLED}": None for reading in self.readings}
        return versions


class ExposureSpec(Strict):
    """Smart-city exposure: domain section 3.2."""

    programmes: tuple[str, ...] = Field(min_length=1)
    numerator: Literal["covered", "prefecture_only", "fraction", "entries"]
    denominator: Literal["divisions", "cities"]
    municipality: Literal["districts", "one_city"]
    direct_county: Literal["own_unit", "exclude"]
    timing: Literal["half_year", "announcement", "label"]
    denominator_year: Literal["current", "fixed_2013"]


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
    scale: float = 1.0
    standardise: bool = True
    deflate: DeflatorSpec | None = None


class ControlSpec(Strict):
    """How variables enter: log_z (ln where marked, then pooled z), z (pooled z), log (ln where marked), raw."""

    transform: Literal["log_z", "z", "log", "raw"]
    variables: dict[str, VariableSpec]


class FigureSpec(Strict):
    """Figure 1, the map of exposure: its year and number of quantile classes."""

    year: Literal["last", "mean"] | int
    classes: int = Field(ge=2)


class ModelSpec(Strict):
    """One regression with province and year effects.

    `trends` adds province-specific linear trends; `region_years` takes region x year effects for the year effects.
    `winsorise` pulls outcome and regressors, but no share of exposure, to their pooled quantiles p and 1 - p. `lags`:
    years by which a regressor is taken back; an exposure comes from before the window, any other loses its first
    rows. `weighting`: weights of the index's indicators. `without` leaves provinces out.
    """

    table_no: str
    model: str
    outcome: str
    regressors: tuple[str, ...] = Field(min_length=1)
    trends: bool = False
    region_years: bool = False
    winsorise: float | None = Field(default=None, gt=0, lt=0.5)
    lags: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    weighting: Weighting = "equal"
    without: tuple[Literal["municipalities"], ...] = ()


class MediationSpec(Strict):
    """Product-of-coefficients table: `term` on each of `mediators` times each of those on `outcome`, never a mechanism
    where the mediators are parts of the outcome. `draws`: resamples of whole provinces.
    """

    table_no: str
    outcome: str
    term: str
    mediators: tuple[str, ...] = Field(min_length=1)
    draws: int = Field(default=999, ge=99)
    seed: int = 0


class Headline(Strict):
    """The estimate shown in summaries."""

    table_no: str
    model: str
    term: str


class Study(Strict):
    """One study file."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Text
    years: tuple[int, int]
    index: IndexSpec | None = None
    exposure: ExposureSpec | None = None
    controls: ControlSpec
    figure_1: FigureSpec | None = None
    cluster: Literal["province_code"]
    models: tuple[ModelSpec, ...] = Field(min_length=1)
    headline: Headline
    # Figures of these years may still be revised; the headline is shown with and without them.
    provisional_years: tuple[int, ...] = ()
    # Name of the paper in published_figure whose tables these are.
    paper: str | None = None
    inference: InferenceSpec | None = None
    design: DesignSpec | None = None
    timing: TimingSpec | None = None
    specification_curve: CurveSpec | None = None
    mediation: MediationSpec | None = None

    @property
    def indicators(self) -> tuple[str, ...]:
        """Every indicator the study needs in province_year, those of its specification curve included."""
        names = []
        for variable in self.controls.variables.values():
            names.append(variable.indicator)
            if variable.deflate is not None:
                names.append(variable.deflate.indicator)
        if self.index is not None:
            names += [i for _, i in index_indicators(self.index)]
            curve = self.specification_curve
            for basis in curve.choices.volume_basis if curve is not None else ():
                names += [i for _, i in index_indicators(self.index.model_copy(update={"volume_basis": basis}))]
        return tuple(dict.fromkeys(names))

    @property
    def variables(self) -> frozenset[str]:
        """Names a model may use: the declared variables, the indices and the exposure."""
        names = set(self.controls.variables)
        names |= set(INDEX_NAMES) if self.index is not None else set()
        names |= {"exposure"} if self.exposure is not None else set()
        return frozenset(names)

    @property
    def summary_table(self) -> str:
        """Number of the table of summary statistics: Table 1, unless a regression table has it."""
        taken = {model.table_no for model in self.models}
        return "Summary statistics" if "Table 1" in taken else "Table 1"

    @property
    def headline_model(self) -> ModelSpec:
        """The model the headline is taken from."""
        named = (self.headline.table_no, self.headline.model)
        return next(model for model in self.models if (model.table_no, model.model) == named)

    @model_validator(mode="after")
    def _names(self) -> Study:
        reserved = {*INDEX_NAMES, "exposure", "province_code", "year", "region_year"}
        taken = reserved & set(self.controls.variables)
        if taken:
            raise ValueError(f"controls.variables: the name {', '.join(sorted(taken))} is reserved; take another")
        for name, variable in self.controls.variables.items():
            deflate = variable.deflate
            if deflate is not None and not self.years[0] <= deflate.base_year <= self.years[1]:
                raise ValueError(f"{name}: deflate.base_year {deflate.base_year} lies outside {list(self.years)}")
        figure = self.figure_1
        if figure is not None and isinstance(figure.year, int) and not self.years[0] <= figure.year <= self.years[1]:
            raise ValueError(f"figure_1.year {figure.year} lies outside {list(self.years)}")
        if self.index is not None:
            self._check_index(self.index)
        return self

    def _check_index(self, index: IndexSpec) -> None:
        """Every indicator stands once and has a direction, but for the utilisation series, whose readings give it."""
        registry = load_registry()
        members = [member for group in index.dimensions.values() for member in group]
        names = [member.per_capita if isinstance(member, VolumeIndicator) else member for member in members]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"index.dimensions: {', '.join(twice)} stands more than once")
        for member in members:
            entry = registry.indicators.get(member) if isinstance(member, str) else None
            if entry is not None and entry.direction == "neutral":
                raise ValueError(f"index.dimensions: {member} is neutral in the registry; an index needs a direction")

    @model_validator(mode="after")
    def _references(self) -> Study:
        registry = load_registry()
        for name in self.indicators:
            if name not in registry.indicators:
                raise ValueError(f"unknown indicator {name!r}; known: {', '.join(sorted(registry.indicators))}")
            sampling = registry.indicators[name].sampling
            if sampling is not None:
                raise ValueError(f"{name} counts the sample {sampling}, whose fraction changes; use a ratio of two")
        keys = set()
        for model in self.models:
            for name in (model.outcome, *model.regressors):
                if name not in self.variables:
                    raise ValueError(f"{model.table_no} {model.model}: unknown variable {name!r}")
            used = (model.outcome, *model.regressors)
            if len(set(used)) < len(used):
                raise ValueError(f"{model.table_no} {model.model}: a variable is named twice")
            for name, years in model.lags.items():
                if name not in model.regressors:
                    raise ValueError(f"{model.table_no} {model.model}: {name!r} is lagged but is no regressor")
                if name == "exposure" and years > 1:
                    raise ValueError(
                        f"{model.table_no} {model.model}: exposure lagged by {years} years; it is computed from one "
                        "year before the study's years on, so 1 is the most"
                    )
            if model.weighting != "equal" and self.index is None:
                raise ValueError(f"{model.table_no} {model.model}: weighting needs an index")
            keys.add((model.table_no, model.model))
        if len(keys) < len(self.models):
            raise ValueError("two models share one table_no and model")
        if (self.headline.table_no, self.headline.model) not in keys:
            raise ValueError("the headline names a model that is not declared")
        if self.headline.term not in self.headline_model.regressors:
            raise ValueError(f"the headline's term {self.headline.term!r} is no regressor of its model")
        if self.years[0] > self.years[1]:
            raise ValueError("years must be [first, last]")
        return self

    @model_validator(mode="after")
    def _evidence(self) -> Study:
        first, last = self.years
        if not all(first <= year <= last for year in self.provisional_years):
            raise ValueError(f"provisional_years must lie in {first}-{last}")
        baseline = self.index.baseline_years if self.index is not None else None
        if baseline is not None and not first <= baseline[0] <= baseline[1] <= last:
            raise ValueError(f"baseline_years must be [first, last] within {first}-{last}")
        if self.timing is not None and self.timing.treatment not in self.headline_model.regressors:
            raise ValueError(f"timing.treatment: {self.timing.treatment!r} is no regressor of the headline's model")
        if self.mediation is not None:
            for name in (self.mediation.outcome, self.mediation.term, *self.mediation.mediators):
                if name not in self.variables:
                    raise ValueError(f"mediation: unknown variable {name!r}")
        curve = self.specification_curve
        if curve is not None:
            found = [m for m in self.models if (m.table_no, m.model) == (curve.table_no, curve.model)]
            if not found or curve.term not in found[0].regressors:
                raise ValueError("specification_curve names a model that is not declared, or a term it does not have")
            others = [name for name in found[0].regressors if name != curve.term]
            allowed = {"all", "none", *(f"without_{name}" for name in others)}
            unknown = set(curve.choices.controls) - allowed
            if "without_provisional" in curve.choices.sample and not self.provisional_years:
                raise ValueError("specification_curve: without_provisional needs provisional_years, none is declared")
            if unknown:
                raise ValueError(f"specification_curve: controls {sorted(unknown)}; expected among {sorted(allowed)}")
        return self


def index_indicators(index: IndexSpec) -> tuple[tuple[str, str], ...]:
    """(dimension, indicator) pairs in order, with the configured volume basis applied."""
    pairs = []
    for dimension, members in index.dimensions.items():
        for member in members:
            if isinstance(member, VolumeIndicator):
                member = member.per_capita if index.volume_basis == "per_capita" else member.count
            pairs.append((dimension, member))
    return tuple(pairs)


def load_study(path: Path) -> Study:
    """One study file, validated. Raises CatalogError; the file name must equal the id."""
    study = validate(Study, read_yaml(path), path)
    if study.id != path.stem:
        raise CatalogError(f"{path}: id is {study.id!r}, expected the file's name, {path.stem!r}")
    return study


@cache
def load_studies() -> dict[str, Study]:
    """All studies by id, in id order."""
    return {path.stem: load_study(path) for path in sorted(STUDIES_DIR.glob("*.yaml"))}
