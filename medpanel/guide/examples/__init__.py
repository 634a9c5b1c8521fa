"""One small, self-made file of every layout with its entry in sources.yaml, for docs/input-files.md and the tests.

Belongs here: examples in modules with EXAMPLES, the functions that make them, and finding these.
No byte of a received file, no real figure.
"""

import pkgutil
from functools import cache
from importlib import import_module

from medpanel.guide.examples.example import FAMILIES, LayoutExample, read_example, sources_text

__all__ = ["LayoutExample", "examples", "read_example", "sources_text"]


@cache
def examples() -> tuple[LayoutExample, ...]:
    """Every example, in the order the guide shows them: by family, then by module; the same bytes at every call."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [import_module(f"{__name__}.{name}") for name in names]
    made = [make() for module in modules for make in getattr(module, "EXAMPLES", ())]
    return tuple(sorted(made, key=lambda example: FAMILIES.index(example.family)))
