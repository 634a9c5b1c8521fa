"""Study files (`studies/*.yaml`): a header and a list of parts.

Belongs here: the header, the variables made from indicators, and how the parts of one study are found. Does not belong
here: the options of any part (catalog/parts/), making variables (models_py/parts/regressions) and computing.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    BeforeValidator,
    Field,
    PrivateAttr,
    SerializeAsAny,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from catalog.base import CATALOG_DIR, CatalogError, Strict, Text, read_yaml, refuse, repeated, validate
from catalog.indicators import load_registry
from catalog.key_errors import AtKey, OfPart, Unknown
from catalog.known_names import KnownIndicator
from catalog.panels import PanelSpec
from catalog.part_options import PartOptions, known_parts
from catalog.study_rules import forbid

STUDIES_DIR = CATALOG_DIR / "studies"
# Names of columns that models see beside variables.
_RESERVED = frozenset({"entity_code", "province_code", "city_code", "year", "region_year"})
# The name of the job that runs everything.
_TAKEN = frozenset({"everything"})
_OPEN = (
    "{0}: its last year is the latest complete one and not known yet; it is settled once the warehouse is built, or by "
    "Study.until / {0}：末年为最近的完整年份，建库后方可确定"
)
# Keys of study files as they were before parts.
_BEFORE = frozenset({"years", "controls", "models", "index", "exposure", "headline", "cluster"})

Transform = Literal["log_z", "z", "log", "raw"]
Options = TypeVar("Options", bound=PartOptions)


class DeflatorSpec(Strict):
    """A price index (previous year = 100) chained to 1 in `base_year`, by which a series is divided."""

    indicator: KnownIndicator
    base_year: int


class VariableSpec(Strict):
    """A regression variable made from an indicator: value x scale, deflated where asked, then ln where `log`.

    `standardise: false` keeps it out of the z-scores of the transforms log_z and z (outcomes, exposures).
    """

    indicator: KnownIndicator
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


def _options(entry: Any) -> PartOptions:
    """One entry of `parts`: `- id: {options}`, or the bare id for one without options."""
    if isinstance(entry, PartOptions):
        return entry
    if isinstance(entry, str):
        entry = {entry: {}}
    one = isinstance(entry, dict) and len(entry) == 1
    forbid(not one, "study.one_part", entry=repr(entry))
    [(part, options)] = entry.items()
    if part not in known_parts():
        raise Unknown("part", str(part), known_parts())
    try:
        return known_parts()[part].model_validate({} if options is None else options)
    except ValidationError as error:
        raise OfPart(part, known_parts()[part], error) from None


class Study(Strict):
    """One study file. `paper`: the paper in published_figure whose tables these are."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Text
    paper: str | None = None
    panel: PanelSpec
    variables: Variables = Variables()
    parts: tuple[Annotated[SerializeAsAny[PartOptions], BeforeValidator(_options)], ...] = ()
    # Of a study as one part sees it: the ids of parts left out, and the indicators all parts need together.
    _withheld: frozenset[str] = PrivateAttr(default=frozenset())
    _of_all: tuple[str, ...] | None = PrivateAttr(default=None)

    @property
    def years(self) -> tuple[int, int]:
        """First and last year of the panel. Raises CatalogError as long as the last one is not known."""
        refuse((self.panel.open, _OPEN.format(self.id)), error=CatalogError)
        return self.panel.bounds

    @property
    def provisional_years(self) -> tuple[int, ...]:
        """Years whose figures may still be revised."""
        refuse((self.panel.open, _OPEN.format(self.id)), error=CatalogError)
        return self.panel.provisional

    @property
    def indicators(self) -> tuple[str, ...]:
        """Every indicator the study needs, those of its variables first; also where some of its parts are left out."""
        if self._of_all is not None:
            return self._of_all
        of_parts = [indicator for part in self.parts for indicator in part.indicators(self)]
        return tuple(dict.fromkeys([*self.variables.indicators, *of_parts]))

    def all(self, kind: type[Options]) -> tuple[Options, ...]:
        """The options of every part of a kind, in the order of the file. Raises CatalogError for one withheld."""
        if self._withheld and kind.part() in self._withheld:
            raise CatalogError(f"{self.id}: a part reads the options of {kind.part()} but does not say it consults it")
        return tuple(part for part in self.parts if isinstance(part, kind))

    def find(self, kind: type[Options]) -> Options | None:
        """The options of the first part of a kind; None when the study has none."""
        return next(iter(self.all(kind)), None)

    def options(self, kind: type[Options]) -> Options:
        """The options of the first part of a kind. Raises CatalogError when the study has none."""
        found = self.find(kind)
        if found is None:
            known, part = ", ".join(part.part() for part in self.parts), kind.part()
            raise CatalogError(
                f"{self.id} has no part {part}; its parts: {known} / {self.id} 没有组成部分 {part}；现有：{known}"
            )
        return found

    def with_options(self, changed: PartOptions) -> Self:
        """The study with the options of one part in the place of those it has."""
        parts = tuple(
            changed if type(part) is type(changed) and part.name == changed.name else part for part in self.parts
        )
        return self.model_copy(update={"parts": parts})

    def until(self, last: int) -> Self:
        """The study with the last year of its panel known; itself where it is declared. See also `fitting`."""
        return self.model_copy(update={"panel": self.panel.until(last)}) if self.panel.open else self

    def fitting(self) -> Self:
        """Itself. Raises CatalogError if what the study declares does not fit its years, once the last one is known."""
        try:
            self.panel._consistent()
            self._consistent()
        except ValueError as error:
            raise CatalogError(f"{self.id}, {self.years[0]}-{self.years[1]}: {error}") from None
        return self

    def without(self, withheld: Collection[PartOptions]) -> Self:
        """The study without some parts; asking it for one of their kind that it does not keep is an error."""
        kept = tuple(part for part in self.parts if part not in withheld)
        study = self.model_copy(update={"parts": kept})
        study._withheld = frozenset(part.part() for part in withheld) - {part.part() for part in kept}
        study._of_all = self.indicators
        return study

    @property
    def content(self) -> list[str]:
        """Everything the study tells code that is given it, for a fingerprint."""
        return [self.model_dump_json(), *self.indicators]

    @property
    def offered(self) -> dict[str, PartOptions]:
        """Variables that parts make, each with the part that makes it."""
        return {name: part for part in self.parts for name in part.offers}

    @property
    def own_reading(self) -> str:
        """The reading chosen for the variables that come in several; '' where none does."""
        return next((part.readings[0] for part in self.parts if part.readings), "")

    @property
    def variable_names(self) -> frozenset[str]:
        """Names a model may use: the declared variables and those that parts make."""
        return frozenset(self.variables.declared) | frozenset(self.offered)

    def check_variables(self, names: Iterable[str]) -> None:
        """Raise Unknown for a name that is no variable of the study."""
        for name in names:
            if name not in self.variable_names:
                raise Unknown("variable", name, sorted(self.variable_names))

    @field_validator("parts")
    @classmethod
    def _in_panel(cls, parts: tuple[PartOptions, ...], info: ValidationInfo) -> tuple[PartOptions, ...]:
        panel = info.data.get("panel")
        return parts if panel is None else tuple(part.in_panel(panel) for part in parts)

    @model_validator(mode="before")
    @classmethod
    def _of_today(cls, data: Any) -> Any:
        forbid(isinstance(data, dict) and "parts" not in data and _BEFORE & set(data), "study.older_format")
        return data

    def _consistent(self) -> None:
        (first, last), declared = self.panel.years, self.variables.declared
        taken = sorted((_RESERVED | frozenset(self.offered)) & set(declared))
        base_years = {name: spec.deflate.base_year for name, spec in declared.items() if spec.deflate is not None}
        forbid(self.id in _TAKEN and self.id, "study.id_taken", ("id",))
        forbid(not (self.title.en.strip() and self.title.zh.strip()), "study.no_title", ("title",))
        forbid(taken, "study.reserved", ("variables", "declared", *taken[:1]))
        for name, year in base_years.items():
            at, years = ("variables", "declared", name, "deflate", "base_year"), str([first, last])
            forbid(not self.panel.holds(year), "study.base_year", at, name=name, year=year, years=years)
        known = load_registry().indicators
        for name in self.indicators:
            if name not in known:
                raise Unknown("indicator", name, sorted(known))
            forbid(not known[name].wide, "study.by_facility", name=name)
            forbid(known[name].sampling, "study.sampled", name=name)
        _check_names(self.parts)
        forbid(repeated(name for part in self.parts for name in part.offers), "study.made_twice")
        for number, options in enumerate(self.parts):
            try:
                options.check_with(self)
            except AtKey as error:
                raise error.below("parts", number, options.part()) from None
            except ValueError as error:
                raise ValueError(f"{options.part()}: {error}") from None


def _check_names(parts: tuple[PartOptions, ...]) -> None:
    """The first part of a kind has no name, every further one a name of its own, where its kind may occur twice."""
    for part in {options.part() for options in parts}:
        names = [options.name for options in parts if options.part() == part]
        may_recur = all(options.twice for options in parts if options.part() == part)
        forbid(names[0], "study.name_of_first", part=part)
        forbid(len(names) > 1 and not may_recur, "study.once_only", part=part)
        forbid(len(names) > len(set(names)), "study.name_needed", part=part)


def load_study(path: Path) -> Study:
    """One study file, validated. Raises CatalogError; the file name must equal the id."""
    study = validate(Study, read_yaml(path), path)
    refuse(
        (
            study.id != path.stem,
            f"{path}: id is {study.id!r}, expected the file's name, {path.stem!r} / "
            f"id 为“{study.id}”，应与文件名“{path.stem}”一致",
        ),
        error=CatalogError,
    )
    return study


@cache
def load_studies() -> dict[str, Study]:
    """All studies of the catalog by id, in id order."""
    return _load_folder(STUDIES_DIR)


def load_own_studies(folder: Path) -> dict[str, Study]:
    """The studies of a workspace's own folder by id, in id order; none if there is no such folder.

    Raises CatalogError for a file that is none, and for an id that a study of the catalog has.
    """
    own = _load_folder(folder)
    for name in sorted(own.keys() & load_studies().keys()):
        raise CatalogError(
            f"{folder / name}.yaml: the program has a study of this id; give the file and its `id` another name "
            "/ 程序已有同名研究，请为文件及其 id 另取名称"
        )
    return own


_OWN: ContextVar[Mapping[str, Study]] = ContextVar("own studies", default=MappingProxyType({}))


@contextmanager
def knowing(folder: Path | None) -> Iterator[None]:
    """A declaration read in this context may name the studies of a workspace's own folder too. Raises CatalogError."""
    token = _OWN.set(load_own_studies(folder) if folder is not None else {})
    try:
        yield
    finally:
        _OWN.reset(token)


def known_studies() -> dict[str, Study]:
    """The studies a declaration may name here, by id."""
    return {**load_studies(), **_OWN.get()}


def _load_folder(folder: Path) -> dict[str, Study]:
    return {path.stem: load_study(path) for path in sorted(folder.glob("*.yaml"))}
