"""Modules found by being in a folder, so that nothing lists them: readers, and the wording of messages.

Belongs here: importing the modules of a package. Does not belong here: what is looked for in them.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType


def modules_in(package: str, prefix: str = "") -> Iterator[ModuleType]:
    """The modules of a package (its full name) and of its folders that begin with `prefix`, imported, by name."""
    root = import_module(package)
    found = [module.name for module in pkgutil.walk_packages(root.__path__, f"{package}.")]
    for name in sorted(found):
        if name.rpartition(".")[2].startswith(prefix):
            yield import_module(name)
