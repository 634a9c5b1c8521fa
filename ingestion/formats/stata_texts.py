"""The long texts (strL) of a Stata file: which variables hold them, and how long the longest is, by its own lists.

Stata keeps one copy of a long text however many records hold it, but every record read yields its own: a small file
could fill the memory. So this is looked up before anything is read.
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO

from ingestion.formats.limits import CELLS, require_at_most
from ingestion.problems import Problem, Refusal, require

_LONG_TEXT = 32768  # the type of such a variable
_TYPES, _NAMES, _TEXTS = 2, 3, 10  # positions in the file's map of sections
_TYPES_OPEN, _TYPES_CLOSE = len(b"<variable_types>"), len(b"</variable_types>")
_FIRST = b"<stata_dta>"
_HEAD_BYTES = 4096


@dataclass(frozen=True)
class LongTexts:
    """The variables that hold long texts, counted from 0, and the bytes of the longest text; 0 without any."""

    variables: frozenset[int] = frozenset()
    longest: int = 0


def long_texts(stream: BinaryIO) -> LongTexts:
    """What the file says of its long texts. Raises Refusal where that is damaged, or they are too many."""
    stream.seek(0)
    head = stream.read(_HEAD_BYTES)
    if not head.startswith(_FIRST):
        return LongTexts()  # older releases have none
    order = "<" if b"<byteorder>LSF<" in head[:80] else ">"
    try:
        release = int(head[28:31])
        sections = struct.unpack_from(f"{order}14Q", head, head.find(b"<map>") + len(b"<map>"))
        types = _types(stream, order, sections[_TYPES] + _TYPES_OPEN, sections[_NAMES] - _TYPES_CLOSE)
        variables = frozenset(place for place, kind in enumerate(types) if kind == _LONG_TEXT)
        if not variables:
            return LongTexts()
        stream.seek(sections[_TEXTS])
        return LongTexts(variables, _longest(stream, release, order))
    except (struct.error, OverflowError, OSError, ValueError) as error:
        raise Refusal(_damaged("sections")) from error


def _types(stream: BinaryIO, order: str, begin: int, end: int) -> tuple[int, ...]:
    stream.seek(begin)
    content = stream.read(max(0, end - begin))
    return struct.unpack(f"{order}{len(content) // 2}H", content[: len(content) // 2 * 2])


def _longest(stream: BinaryIO, release: int, order: str) -> int:
    require(stream.read(7) == b"<strls>", _damaged("long_texts"))
    layout = f"{order}I{'I' if release == 117 else 'Q'}BI"
    longest = count = 0
    while (mark := stream.read(3)) == b"GSO":
        *_, length = struct.unpack(layout, stream.read(struct.calcsize(layout)))
        longest, count = max(longest, length), count + 1
        require_at_most(CELLS, count, "cells")
        stream.seek(length, 1)
    require(mark == b"</s", _damaged("long_texts"))
    return longest


def _damaged(what: str) -> Problem:
    return Problem("unreadable", what, "stata")
