"""Options of the toy part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.part_options import PartOptions

if TYPE_CHECKING:
    from catalog.studies import Study


class Options(PartOptions):
    """`indicator`: what is set against its mean."""

    indicator: str

    def indicators(self, study: Study) -> tuple[str, ...]:
        """The one that is compared."""
        return (self.indicator,)
