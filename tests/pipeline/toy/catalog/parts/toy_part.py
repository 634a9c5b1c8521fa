"""Options of the toy part."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from catalog.part_options import PartOptions

if TYPE_CHECKING:
    from catalog.studies import Study


class Options(PartOptions):
    """`indicator`: what is set against its mean."""

    zh: ClassVar[str] = "`indicator`：与其均值对照的指标。"

    indicator: str

    def indicators(self, study: Study) -> tuple[str, ...]:
        """The one that is compared."""
        return (self.indicator,)
