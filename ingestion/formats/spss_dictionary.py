"""The dictionary of an SPSS file, which stands before its cases: whether its records fit each other.

ReadStat, which reads such files, crashes where they do not: where labels are of a variable that is not there, or that
holds texts while its labels are of numbers. So they are looked through first. What the variables mean: others.
"""

import struct
from dataclasses import dataclass, field
from typing import BinaryIO

from ingestion.problems import Problem, Refusal, require

_MAGIC = (b"$FL2", b"$FL3")
_HEAD_BYTES, _LAYOUT_AT = 176, 64
# Kinds of records, and the end of the dictionary.
_VARIABLE, _OF_VARIABLES, _END = 2, 4, 999
_CONTINUED = -1
_LINE_BYTES = 80
# What no record of a real file has more of: variables of one set of labels, or labels.
_MOST = 2**20


@dataclass
class _Dictionary:
    """The records of a file read so far; `slots`: of each the width of the variable that begins there, or CONTINUED."""

    stream: BinaryIO
    order: str
    slots: list[int] = field(default_factory=list)
    owed: int = 0

    def whole(self) -> int:
        """The next number."""
        return int(struct.unpack(f"{self.order}i", self.take(4))[0])

    def count(self) -> int:
        """The next number, which counts something."""
        number = self.whole()
        require(0 <= number <= _MOST, _damaged())
        return number

    def take(self, size: int) -> bytes:
        """The next bytes."""
        content = self.stream.read(size)
        require(len(content) == size, _damaged())
        return content

    def variable(self) -> None:
        """A variable, or what a text longer than eight bytes takes after its first eight."""
        width, labelled, missing, *_ = struct.unpack(f"{self.order}5i", self.take(20))
        self.take(8)
        require(width == _CONTINUED if self.owed else 0 <= width <= 255, _damaged())
        self.owed = self.owed - 1 if self.owed else max(0, -(-width // 8) - 1)
        self.slots.append(width)
        if labelled:
            self.take(-(-self.count() // 4) * 4)
        require(-3 <= missing <= 3, _damaged())
        self.take(8 * abs(missing))

    def labels(self) -> None:
        """A set of labels, and the variables it is for."""
        numbers = False
        for _ in range(self.count()):
            numbers |= b"\0" in self.take(8)
            size = self.take(1)[0]
            self.take(-(-(size + 1) // 8) * 8 - 1)
        require(self.whole() == _OF_VARIABLES, _damaged())
        for _ in range(self.count()):
            place = self.whole() - 1
            require(0 <= place < len(self.slots) and self.slots[place] != _CONTINUED, _damaged())
            require(not (numbers and self.slots[place] > 0), _damaged())


def require_sound(stream: BinaryIO) -> None:
    """Raise Refusal unless the records of an SPSS file's dictionary are whole and fit each other."""
    stream.seek(0)
    head = stream.read(_HEAD_BYTES)
    require(head.startswith(_MAGIC) and len(head) == _HEAD_BYTES, _damaged())
    order = next((mark for mark in "<>" if struct.unpack_from(f"{mark}i", head, _LAYOUT_AT)[0] in (2, 3)), "")
    require(order, _damaged())
    found = _Dictionary(stream, order)
    while (kind := found.whole()) != _END:
        require(kind == _VARIABLE or not found.owed, _damaged())
        match kind:
            case 2:
                found.variable()
            case 3:
                found.labels()
            case 6:  # lines about the file
                found.take(_LINE_BYTES * found.count())
            case 7:  # an extension: its kind, the size of its elements and their number
                _, size, elements = found.whole(), found.whole(), found.whole()
                require(size >= 0 and elements >= 0, _damaged())
                stream.seek(size * elements, 1)
            case _:
                raise Refusal(_damaged())


def _damaged() -> Problem:
    return Problem("unreadable", "sections", "spss")
