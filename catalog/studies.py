"""Study files (`studies/*.yaml`): which indicators, exposure, controls and regressions a study consists of.

The models only say what may be declared. Computing: models_py/; exposure: dbt/models/marts/smart_exposure.sql.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from catalog.base import CATALOG_DIR, CatalogError, Strict, Text, read_yaml, validate
from catalog.indicators import load_registry

STUDIES_DIR = CATALOG_DIR / "studies"
Reading = Literal["volume", "substitution", "mixed"]
ReservedRegressor = Literal["exposure"]


class VolumeIndicator(Strict):
    """A utilisation series in its two bases; `index.volume_basis` picks one."""

    per_capita: str
    count: str


class IndexSpec(Strict):
    """The performance index: domain sections 2.1 to 2.3."""

    volume_basis: Literal["per_capita", "count", "log_count"]
    utilisation: Reading
    ddof: Literal[0, 1]
    allow_edge_fill: bool
    dimensions: dict[Literal["ssi", "qii", "hmi"], tuple[VolumeIndicator | str, ...]]

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Readings computed, the configured one first; volume and substitution always are."""
        return tuple(dict.fromkeys((self.utilisation, "volume", "substitution")))


class ExposureSpec(Strict):
    """Smart-city exposure: domain section 3.2."""

    programmes: tuple[str, ...] = Field(min_length=1)
    numerator: Literal["covered", "prefecture_only", "entries"]
    denominator: Literal["divisions", "cities"]
    municipality: Literal["districts", "one_city"]
    direct_county: Literal["own_unit", "exclude"]
    timing: Literal["half_year", "announcement", "label"]
    denominator_year: Literal["current", "fixed_2013"]

    @model_validator(mode="before")
    @classmethod
    def _fraction(cls, data: object) -> object:
        if isinstance(data, dict) and data.get("numerator") == "fraction":
            raise ValueError(
                "numerator: fraction needs the number of county-level units of every prefecture, "
                "which no input of this version carries; use covered, prefecture_only or entries"
            )
        return data


class VariableSpec(Strict):
    """A regression variable made from an indicator: value x scale, then ln where `log`.

    `standardise: false` keeps it out of the z-scores of the transforms log_z and z (outcomes, exposures).
    """

    indicator: str
    log: bool = False
    scale: float = 1.0
    standardise: bool = True


class ControlSpec(Strict):
    """How variables enter: log_z (ln where marked, then pooled z), z (pooled z), log (ln where marked), raw."""

    transform: Literal["log_z", "z", "log", "raw"]
    variables: dict[str, VariableSpec]


class FigureSpec(Strict):
    """Figure 1, the map of exposure: its year and number of quantile classes."""

    year: Literal["last", "mean"] | int
    classes: int = Field(ge=2)


class ModelSpec(Strict):
    """One regression with province and year effects; `trends` adds province-specific linear trends."""

    table_no: str
    model: str
    outcome: str
    regressors: tuple[str, ...] = Field(min_length=1)
    trends: bool = False


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

    @property
    def indicators(self) -> tuple[str, ...]:
        """Every indicator the study needs in province_year."""
        names = [v.indicator for v in self.controls.variables.values()]
        if self.index is not None:
            names += [i for _, i in index_indicators(self.index)]
        return tuple(dict.fromkeys(names))

    @model_validator(mode="after")
    def _references(self) -> Study:
        registry = load_registry()
        for name in self.indicators:
            if name not in registry.indicators:
                raise ValueError(f"unknown indicator {name!r}; known: {', '.join(sorted(registry.indicators))}")
            sampling = registry.indicators[name].sampling
            if sampling is not None:
                raise ValueError(f"{name} counts the sample {sampling}, whose fraction changes; use a ratio of two")
        known = set(self.controls.variables)
        known |= {"mspi", "ssi", "qii", "hmi"} if self.index is not None else set()
        known |= {"exposure"} if self.exposure is not None else set()
        keys = set()
        for model in self.models:
            for name in (model.outcome, *model.regressors):
                if name not in known:
                    raise ValueError(f"{model.table_no} {model.model}: unknown variable {name!r}")
            keys.add((model.table_no, model.model))
        if len(keys) < len(self.models):
            raise ValueError("two models share one table_no and model")
        if (self.headline.table_no, self.headline.model) not in keys:
            raise ValueError("the headline names a model that is not declared")
        if self.years[0] > self.years[1]:
            raise ValueError("years must be [first, last]")
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
