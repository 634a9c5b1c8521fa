"""One small, self-made file of every layout with its entry in sources.yaml, for docs/input-files.md and the tests.

Belongs here: examples, grouped by family, and the list of them. No byte of a received file, no real figure.
"""

from __future__ import annotations

from functools import cache

from medpanel.layout_examples import (
    exports,
    flows,
    mappings,
    maps_weights,
    panels,
    persons,
    pilots,
    places,
    texts,
    yearbooks,
)
from medpanel.layout_examples.example import LayoutExample, read_example, sources_text

__all__ = ["LayoutExample", "examples", "read_example", "sources_text"]

_MODULES = (exports, yearbooks, panels, mappings, pilots, places, flows, persons, maps_weights, texts)


@cache
def examples() -> tuple[LayoutExample, ...]:
    """Every example, in the order the guide shows them; the same bytes at every call."""
    return tuple(make() for module in _MODULES for make in module.EXAMPLES)
