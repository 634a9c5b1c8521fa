"""Options of the findings on the MSPI paper (domain section 4.1)."""

from typing import ClassVar

from catalog.part_options import PartOptions


class Options(PartOptions):
    """None of its own; the findings are about the index and the regressions."""

    beside: ClassVar[tuple[str, ...]] = ("performance_index", "regressions")
