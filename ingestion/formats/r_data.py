"""R data files (.rda, .RData): unpacked within a memory limit and turned into Python values by the package rdata.

A factor is its labels; numbers that only stand for labels (class haven_labelled, from SPSS and Stata) are refused where
they are used. Does not belong here: what the objects mean; that is each reader's.
"""

import bz2
import lzma
import warnings
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from catalog.characters import plain
from ingestion.formats.limits import damage_refused, require_bytes
from ingestion.problems import Problem, Refusal, require

# Unpacked, R data are mostly numbers: china.rda of the package mapchina is 2.4 MiB packed and 14 MiB unpacked.
UNPACKED_BYTES = 128 * 2**20
_MAGIC = (b"RDX2", b"RDX3", b"RDA2", b"RDA3")
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
        found = rdata.conversion.convert(rdata.parser.parse_data(unpacked), known)
    require(isinstance(found, dict), Problem("unreadable", type(found).__name__, _EXPECTED))
    return {str(name): value for name, value in found.items()}


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
