"""Which facts about divisions are in use: the packaged ones, or those of the workspace whose files are being read.

Belongs here: choosing them for a stretch of work, and keeping what is worked out from them apart from what comes of
others. The files: catalog/division_facts.py; what they say: units.py.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

from catalog.division_facts import PACKAGED, Facts, Vintage

P = ParamSpec("P")
T = TypeVar("T")
_IN_USE: ContextVar[Facts] = ContextVar("facts", default=PACKAGED)


def facts_in_use() -> Facts:
    """The facts every function of this package answers by."""
    return _IN_USE.get()


def vintage() -> Vintage:
    """What the facts in use reach."""
    return facts_in_use().vintage


@contextmanager
def using(facts: Facts | None) -> Iterator[None]:
    """Answer by these facts until the end of the block; None leaves those in use."""
    token = _IN_USE.set(facts or facts_in_use())
    try:
        yield
    finally:
        _IN_USE.reset(token)


def kept_by_facts(function: Callable[P, T]) -> Callable[P, T]:
    """As functools.cache, for each body of facts by itself."""

    # Any: a cache's own types know neither P nor T.
    kept: Any = cache(lambda sha256, *args, **kwargs: function(*args, **kwargs))

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        found: T = kept(_IN_USE.get().sha256, *args, **kwargs)
        return found

    return call
