"""Modules found by being in a folder, so that nothing lists them: readers, and the wording of messages.

Belongs here: importing the modules of a package. Does not belong here: what is looked for in them.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType


def modules_in(package: str, prefix: str = "") -> Iterator[ModuleType]:
    """The modules of a package (its full name) that begin with `prefix`, imported, by name."""
    folder = import_module(package).__path__
    for name in sorted(found.name for found in pkgutil.iter_modules(folder) if found.name.startswith(prefix)):
        yield import_module(f"{package}.{name}")
