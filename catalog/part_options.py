"""The options of a part: the base class of every `Options` in catalog/parts/, and finding them.

Belongs here: what a part tells its study. Does not belong here: any part's own options, and what a part
computes (models_py/parts).
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from catalog.base import Strict

if TYPE_CHECKING:
    from catalog.studies import Study


class PartOptions(Strict):
    """Options of one part of a study. The second of a kind has a `name`, which enters the column `variant`."""

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
