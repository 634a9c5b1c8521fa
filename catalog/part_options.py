"""The options of a part: the base class of every `Options` in catalog/parts/, and finding them.

Belongs here: what a part tells its study, and what of it may be set for one run. Does not belong here: any part's own
options, and what a part computes (models_py/parts).
"""

from __future__ import annotations

import math
import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field

from catalog.base import Strict, Text, refuse

if TYPE_CHECKING:
    from catalog.panels import PanelSpec
    from catalog.studies import Study


class SettingError(ValueError):
    """A value set for one run has an unknown name or is outside its limits; the message lists what may be set."""


class Setting(Strict):
    """A number that may be set for one run. `value`: the study file's, None where it is read from data.

    Limits are part of what is allowed, but `least` where `above` says so; no `greatest` means no upper limit.
    """

    label: Text
    unit: Text
    value: float | None
    least: float
    greatest: float | None = None
    above: bool = False

    def allows(self, value: float) -> bool:
        """Whether a value lies within the limits."""
        high = math.inf if self.greatest is None else self.greatest
        return math.isfinite(value) and (self.least < value if self.above else self.least <= value) and value <= high

    @property
    def limits(self) -> str:
        """The limits as a mathematical interval."""
        high = "∞)" if self.greatest is None else f"{self.greatest:g}]"
        return f"{'(' if self.above else '['}{self.least:g}, {high}"

    @property
    def text(self) -> str:
        """Label, unit and limits in both languages."""
        return f"{self.label.en} [{self.unit.en}], {self.limits} / {self.label.zh}［{self.unit.zh}］"


class PartOptions(Strict):
    """Options of one part of a study. The second of a kind has a `name`, which enters the column `variant`."""

    # What the docstring of the options says, in Chinese; the guide prints each in the pages of its language.
    zh: ClassVar[str] = ""
    # Whether two may stand in a study: their rows and what they show can be told apart by the name.
    twice: ClassVar[bool] = False
    # Parts the study must have too, by id.
    beside: ClassVar[tuple[str, ...]] = ()
    # It enters names of results, files and variants.
    name: str = Field(default="", pattern=r"^[a-z0-9_]*$")

    @classmethod
    def part(cls) -> str:
        """The part's id: the name of its module in catalog/parts/."""
        return cls.__module__.rpartition(".")[2]

    def indicators(self, study: Study) -> tuple[str, ...]:
        """Indicators the part needs in this study, beside those of the study's variables."""
        return ()

    def uses(self, study: Study) -> tuple[str, ...]:
        """Inputs and tables of other parts it takes if the study has them, beside those its part always uses."""
        return ()

    def consults(self, study: Study) -> tuple[str, ...]:
        """Parts whose options it reads in this study, beside those its part always consults."""
        return ()

    def in_panel(self, panel: PanelSpec) -> Self:
        """The options in a study of this panel: itself, but where a default depends on the panel."""
        return self

    @property
    def offers(self) -> tuple[str, ...]:
        """Names of the variables its tables give to later parts."""
        return ()

    @property
    def readings(self) -> tuple[str, ...]:
        """Readings the offered variables come in, the study's own first; none where there is no such distinction."""
        return ()

    @property
    def variants(self) -> tuple[str, ...]:
        """Variants the offered variables come in beside the study's own choice, as the column `variant` names them."""
        return ()

    @property
    def settings(self) -> Mapping[str, Setting]:
        """What may be set for one run, by name; nothing for most parts."""
        return {}

    @property
    def asked_as(self) -> str:
        """Name under which the command line finds a part with settings."""
        return self.part()

    def for_run(self, values: Mapping[str, float | None]) -> Self:
        """The options for one run; `self` where nothing is set. Raises SettingError as `changed_by`."""
        changed = self.changed_by(values)
        return self.with_set(changed) if changed else self

    def changed_by(self, values: Mapping[str, float | None]) -> dict[str, float]:
        """What of `values` differs from the study file; None sets nothing.

        Raises SettingError for an unknown name or a value outside its limits.
        """
        known = self.settings
        for name, value in values.items():
            listed = "\n".join(["", *(f"  {key}: {setting.text}" for key, setting in known.items())])
            unknown = f"{name}: no such setting of {self.part()} / {self.part()}没有这一设定项"
            refuse((name not in known, f"{unknown}{listed}"), error=SettingError)
            wrong = f"{name}={value}: outside {known[name].limits} / 超出允许范围"
            refuse((value is not None and not known[name].allows(value), f"{wrong}{listed}"), error=SettingError)
        return {name: value for name, value in values.items() if value is not None and value != known[name].value}

    def with_set(self, changed: Mapping[str, float]) -> Self:
        """The options with valid values set, for parts that have `settings`."""
        raise NotImplementedError(f"{self.part()} declares settings but not what setting them does")

    def check(self, study: Study) -> None:
        """Raise ValueError if the options do not fit the study."""

    def check_with(self, study: Study) -> None:
        """Raise ValueError if the study lacks another part this one requires, or the options do not fit it."""
        for part in self.beside:
            study.options(known_parts()[part])
        self.check(study)


@cache
def known_parts() -> dict[str, type[PartOptions]]:
    """The options of every part by its id: one module in catalog/parts/ each."""
    import catalog.parts

    return {
        module.name: import_module(f"catalog.parts.{module.name}").Options
        for module in pkgutil.iter_modules(catalog.parts.__path__)
    }
