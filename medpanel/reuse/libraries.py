"""Versions of the installed libraries that code rests on, including those they need in turn."""

import re
import sys
from collections.abc import Iterable
from functools import cache
from importlib import metadata

# What a requirement begins with: the name, before extras, versions and markers.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def versions(modules: Iterable[str]) -> dict[str, str]:
    """Version of every distribution behind the imported top-level `modules`, and of Python itself, by name."""
    found = {"python": sys.version}
    waiting = [name for module in modules for name in _distributions().get(module, ())]
    while waiting:
        name = _normal(waiting.pop())
        if name in found:
            continue
        version, needs = _installed(name)
        if version:
            found[name] = version
            waiting += needs
    return dict(sorted(found.items()))


@cache
def _installed(name: str) -> tuple[str, tuple[str, ...]]:
    """Version and requirements of a distribution; nothing if it is not installed, like one only an extra needs."""
    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return "", ()
    wanted = [text for text in found.requires or () if "extra ==" not in text]
    return found.version, tuple(match[0] for text in wanted if (match := _NAME.match(text)))


def installed() -> frozenset[str]:
    """The top-level modules of all installed libraries."""
    return frozenset(_distributions())


@cache
def _distributions() -> dict[str, list[str]]:
    return dict(metadata.packages_distributions())


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
