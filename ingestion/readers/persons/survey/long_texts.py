"""Long texts (strL) of Stata files, measured before they are read.

Stata keeps one copy of a long text however many records hold it, but every record read yields its own: a small file
could fill the memory. So the lengths are looked up in the file's own list first.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

from ingestion.formats.limits import beyond
from ingestion.formats.probe import Probe
from ingestion.problems import Problem, Refusal

LONGEST_TEXT = 4096
_LONG_TEXT = 32768
_TYPES, _TEXTS = 2, 10  # positions in the file's map of sections


def long_text_variables(probe: Probe, positions: list[int]) -> int:
    """How many of the variables at `positions` (from 0) hold long texts. Raises Refusal when one is too long."""
    head = probe.head
    if not head.startswith(b"<stata_dta>"):
        return 0  # older releases have none
    release = int(head[28:31])
    order = "<" if b"<byteorder>LSF<" in head[:80] else ">"
    start = head.find(b"<map>", 0, 4096)
    try:
        sections = struct.unpack_from(f"{order}14Q", head, start + len(b"<map>"))
        with probe.path.open("rb") as stream:
            stream.seek(sections[_TYPES] + len(b"<variable_types>"))
            types = stream.read(2 * (max(positions) + 1))
            count = sum(struct.unpack_from(f"{order}H", types, 2 * place)[0] == _LONG_TEXT for place in positions)
            if count:
                stream.seek(sections[_TEXTS])
                _measure(stream, release, order)
    except (struct.error, OverflowError, OSError) as error:
        raise _damaged("its map of sections") from error
    return count


def _measure(stream: BinaryIO, release: int, order: str) -> None:
    if stream.read(7) != b"<strls>":
        raise _damaged("the list of long texts")
    layout = f"{order}I{'I' if release == 117 else 'Q'}BI"
    while (mark := stream.read(3)) == b"GSO":
        *_, length = struct.unpack(layout, stream.read(struct.calcsize(layout)))
        if length > LONGEST_TEXT:
            raise beyond("bytes in a text", LONGEST_TEXT, length)
        stream.seek(length, 1)
    if mark != b"</s":
        raise _damaged("the list of long texts")


def _damaged(what: str) -> Refusal:
    return Refusal(Problem("unreadable", f"{what} is damaged", "a complete Stata .dta file"))
