"""Modules, such as the readers, found by being in a folder, so that nothing has to list them.

Belongs here: importing the modules of a package. Does not belong here: what is looked for in them.
"""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType


def modules_in(package: str) -> Iterator[ModuleType]:
    """The modules of a package (its full name) and of its folders, imported, by name."""
    found = pkgutil.walk_packages(import_module(package).__path__, f"{package}.")
    yield from map(import_module, sorted(module.name for module in found))
