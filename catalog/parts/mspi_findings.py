"""Options of the findings on the MSPI paper (domain section 4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.part_options import PartOptions
from catalog.parts import performance_index, regressions

if TYPE_CHECKING:
    from catalog.studies import Study


class Options(PartOptions):
    """None of its own."""

    def check(self, study: Study) -> None:
        """The study has the index and the regressions the findings are about."""
        study.options(performance_index.Options)
        study.options(regressions.Options)
