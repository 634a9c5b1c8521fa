"""Notes of a Stata file, which pandas cannot write.

Belongs here: the bytes of the format. Does not belong here: what a note says.
"""

import struct
from collections.abc import Sequence

from catalog.base import refuse

_NAME_BYTES = 129
_MAP_ENTRIES = 14
_FIRST_AFTER_CHARACTERISTICS = 9


def with_notes(content: bytes, notes: Sequence[str]) -> bytes:
    """A little-endian Stata 118 file with the data set's notes put in; the file must have none (ValueError).

    Notes are characteristics of `_dta`: note0 holds their number, note1, note2 ... the texts. What lies behind them
    moves, so the offsets in the file's map move too. Source: Stata's file format documentation, help dta.
    """
    texts = {"note0": str(len(notes)), **{f"note{i}": text for i, text in enumerate(notes, start=1)}}
    added = b"".join(_characteristic(name, text) for name, text in texts.items())
    start = content.index(b"<map>") + len(b"<map>")
    layout = f"<{_MAP_ENTRIES}Q"
    offsets = list(struct.unpack_from(layout, content, start))
    place = offsets[_FIRST_AFTER_CHARACTERISTICS - 1]
    empty = content.startswith(b"<characteristics></characteristics>", place)
    refuse((not empty, "the Stata file has characteristics already"))
    cut = place + len(b"<characteristics>")
    for position in range(_FIRST_AFTER_CHARACTERISTICS, _MAP_ENTRIES):
        offsets[position] += len(added)
    moved = struct.pack(layout, *offsets)
    return content[:start] + moved + content[start + len(moved) : cut] + added + content[cut:]


def _characteristic(name: str, text: str) -> bytes:
    fields = [part.encode().ljust(_NAME_BYTES, b"\0") for part in ("_dta", name)]
    body = b"".join(fields) + text.encode() + b"\0"
    return b"<ch>" + struct.pack("<I", len(body)) + body + b"</ch>"
