"""R data files (.rda, .RData): unpacked within a memory limit and turned into Python values by the package rdata.

A factor is its labels; numbers that only stand for labels (class haven_labelled, from SPSS and Stata) are refused where
they are used. Does not belong here: what the objects mean; that is each reader's.
"""

import bz2
import lzma
import warnings
import zlib
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from catalog.characters import plain
from ingestion.formats.limits import CELLS, CHARACTERS, damage_refused, require_at_most, require_bytes
from ingestion.problems import Problem, Refusal, require

# Unpacked, R data are mostly numbers: china.rda of the package mapchina is 2.4 MiB packed and 14 MiB unpacked.
UNPACKED_BYTES = 128 * 2**20
# Objects of R in a file: each text, list and attribute is one, of some 400 bytes and 15 microseconds.
OBJECTS = 500_000
_MAGIC = (b"RDX2", b"RDX3", b"RDA2", b"RDA3")
_LINE, _XDR = 5, b"X\n"
_EXPECTED = "r_data"
R_SUFFIXES = frozenset({".rda", ".rdata"})
# How save() packs, by the first bytes. The bound on memory is for the dictionary of xz, of at most 64 MiB in R.
_PACKERS: dict[bytes, Callable[[], Any]] = {
    b"\x1f\x8b": partial(zlib.decompressobj, 31),
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ": partial(lzma.LZMADecompressor, memlimit=2**27),
}
RClass = Callable[[Any, Mapping[str, Any]], Any]


# Before a number that stands for a label; no text of R can hold it.
_LABELLED = "\x00"


def _labelled(values: Any, attributes: Mapping[str, Any]) -> Any:
    # rdata does not say which label is whose: it drops the names of a vector.
    codes = np.array([f"{_LABELLED}{value:g}" if value == value else None for value in values], dtype=object)
    return codes if "labels" in attributes else NotImplemented


def read_r_objects(content: bytes, classes: Mapping[str, RClass] | None = None) -> dict[str, Any]:
    """Name -> value of every object saved in the file; `classes` builds the values of R classes by their names.

    Data frames are pandas.DataFrames unless `classes` says otherwise. Raises Refusal for damaged and too large files.
    """
    # Imported with the first such file: it takes most of a second.
    import rdata
    from rdata.conversion import DEFAULT_CLASS_MAP

    unpacked = _unpack(content)
    require(unpacked.startswith(_MAGIC), Problem("unreadable", "no_r_data", _EXPECTED))
    with damage_refused(_EXPECTED, length=120), warnings.catch_warnings():
        # rdata warns of each class it has no constructor for; those of interest are in `classes`.
        warnings.simplefilter("ignore")
        known: dict[Any, Any] = {**DEFAULT_CLASS_MAP, "haven_labelled": _labelled, **(classes or {})}
        found = rdata.conversion.convert(_parse(unpacked), known)
    require(isinstance(found, dict), Problem("unreadable", type(found).__name__, _EXPECTED))
    return {str(name): value for name, value in found.items()}


def _parse(unpacked: bytes) -> Any:
    """What the file holds, as rdata has it. Raises Refusal for more objects than are kept, before they are made.

    A sequence such as 1:2147483647 is a few bytes in the file, and a list of nothing four bytes an element.
    """
    from rdata.parser._ascii import ParserASCII
    from rdata.parser._parser import DEFAULT_ALTREP_MAP, get_altrep_name
    from rdata.parser._xdr import ParserXDR

    # Behind the magic number, which ends its line, a letter and the end of another line.
    mark, body = unpacked[_LINE : _LINE + 2], memoryview(unpacked)[_LINE + 2 :]
    parsers: dict[bytes, Any] = {_XDR: ParserXDR, b"A\n": ParserASCII}
    require(mark in parsers, Problem("unreadable", "no_r_data", _EXPECTED))

    base: Any = parsers[mark]

    class Counting(base):
        """Counts integers, of which every object has one or two, and what sequences expand to."""

        integers = values = 0

        def parse_int(self) -> int:
            self.integers += 1
            require_at_most(2 * OBJECTS, self.integers, "r_objects")
            if mark != _XDR:
                return int(super().parse_int())
            # Twice as fast as rdata's own, by which an array is made of every single integer.
            content = self.file.read(4)
            require(len(content) == 4, EOFError("the file ends before its last object"))
            return int.from_bytes(content, "big", signed=True)

        def _parse_array_values(self, dtype: Any, length: int) -> Any:
            require_at_most(UNPACKED_BYTES, length, "r_values")
            return super()._parse_array_values(dtype, length)

        def expand_altrep_to_object(self, info: Any, state: Any) -> Any:
            name = get_altrep_name(info)
            if name in (b"compact_intseq", b"compact_realseq"):
                self.values += int(state.value[0])
                require_at_most(CELLS, self.values, "r_values")
            elif name == b"deferred_string":
                self.integers += 2 * len(state.value[0].value)
                require_at_most(2 * OBJECTS, self.integers, "r_objects")
            return super().expand_altrep_to_object(info, state)

    return Counting(body, expand_altrep=True, altrep_constructor_dict=DEFAULT_ALTREP_MAP).parse_all()


def texts_of(columns: Mapping[str, Iterable[object]]) -> dict[str, list[str]]:
    """The values of columns as texts. Raises Refusal beyond what is kept: a factor repeats one label at no cost."""
    texts: dict[str, list[str]] = {}
    characters = 0
    for name, values in columns.items():
        texts[name] = []
        for value in values:
            texts[name].append(as_text(value, name))
            characters += len(texts[name][-1])
            require_at_most(CHARACTERS, characters, "characters", name)
    return texts


def as_text(value: object, column: str = "") -> str:
    """A value as text, empty for R's missing ones: None or NA in columns of text, NaN in columns of numbers.

    Raises Refusal, naming the column, for a number that stands for a label.
    """
    if isinstance(value, str) and value.startswith(_LABELLED):
        raise Refusal(Problem("labelled_codes", column or value.removeprefix(_LABELLED), "haven_labelled"))
    return "" if value is None or value is pd.NA or value != value else plain(str(value))


def _unpack(content: bytes) -> bytes:
    kinds = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError)
    with damage_refused(_EXPECTED, kinds, length=120):
        packed = next((start for start in _PACKERS if content.startswith(start)), None)
        unpacked = _PACKERS[packed]().decompress(content, UNPACKED_BYTES + 1) if packed else content
    require_bytes(len(unpacked), UNPACKED_BYTES, what="unpacked")
    return unpacked
