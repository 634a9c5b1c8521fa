"""Which keys a mapping may have at a place of a model, as pydantic's annotations say it.

Does not belong here: what is wrong with a key (key_faults.py).
"""

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from catalog.key_errors import Loc


def keys_at(kind: Any, loc: Loc) -> tuple[str, ...]:
    """The keys a mapping may have at a place of a model."""
    kinds = list(_plain(kind))
    for part in loc:
        kinds = [inner for one in kinds for inner in _inside(one, part)] or kinds
    return tuple(name for one in kinds if isinstance(one, type) for name in getattr(one, "model_fields", ()))


def _plain(kind: Any) -> Iterator[Any]:
    """The types a value may have."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        yield from _plain(arguments[0])
    elif origin in (Union, UnionType):
        for argument in arguments:
            yield from _plain(argument)
    else:
        yield kind


def _inside(kind: Any, part: str | int) -> Iterator[Any]:
    origin, arguments = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel) and part in kind.model_fields:
        yield from _plain(kind.model_fields[str(part)].annotation)
    elif origin is dict:
        yield from _plain(arguments[1])
    elif origin in (tuple, list) and isinstance(part, int):
        yield from _plain(arguments[0])
