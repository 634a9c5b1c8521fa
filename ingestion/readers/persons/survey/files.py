"""Stata and SPSS files of any length: only the declared variables, in pieces, texts as codes of distinct values.

Labels of values are applied where they name a place of residence; everywhere else what is stored is what was answered,
unless its labels say that it is a code for another number. Long texts of Stata are looked up first (stata_texts.py).
What the variables mean: respondents.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyreadstat

from ingestion.formats.grid import cell_text, decode
from ingestion.formats.limits import beyond, require_at_most, require_bytes
from ingestion.formats.spss_dictionary import require_sound
from ingestion.formats.stata_texts import long_texts
from ingestion.formats.statistical_grid import exact_text, meant
from ingestion.readers.base import Probe, Problem, Refusal, refuse_for, require
from ingestion.vocabulary.values import read_full_code

# The largest wave asks 170,000 persons some 600 questions of at most 8 bytes: 0.8 GB.
FILE_BYTES = 2 * 2**30
RESPONDENTS = 2_000_000
# All answers read, as they are kept: 170,000 respondents take some 20 MB.
TEXT_BYTES = 256 * 2**20
# Room for the texts of one piece; a character takes up to four bytes once decoded.
_PIECE_BYTES = 64 * 2**20
_PIECE_ROWS = 50_000
# From this release on Stata writes UTF-8; before it, text is in whatever encoding the computer used.
_FIRST_UNICODE_RELEASE = 118
LONGEST_TEXT = 4096
_WHOLE_FILE = "stata_or_spss"
# Fields of places by name, and by code.
_NAMES = frozenset({"residence_province", "residence_prefecture", "residence_county"})
_CODES = frozenset({"residence_code", "hukou_code"})


@dataclass
class Coded:
    """One variable: `codes` (int32, one per respondent) points into `values`, distinct texts; -1 is missing."""

    codes: np.ndarray
    values: list[str]


# What is stored as numbers stays float64, NaN where missing.
Variable = Coded | np.ndarray
_Piece = Any  # an Arrow dictionary array of texts, or float64


def read_variables(probe: Probe, wanted: Mapping[str, str], encoding: str | None) -> tuple[dict[str, Variable], int]:
    """Field -> its variable's values, and the number of respondents; `wanted` is field -> name of the variable.

    Raises Refusal for a damaged or too large file, a variable that is not there, and text of unknown encoding.
    """
    require_bytes(probe.size, FILE_BYTES)
    require(probe.head.strip(b"\x00 \r\n\t"), Problem("empty_file"))
    stata = probe.suffix == ".dta"
    if not stata:
        with probe.path.open("rb") as stream:
            require_sound(stream)
    release = _release(probe.head) if stata else 0
    # Read as Latin-1 every byte is kept, and the distinct texts are decoded below.
    undecoded = stata and release < _FIRST_UNICODE_RELEASE
    options: dict[str, Any] = {"encoding": "LATIN1" if undecoded else encoding, "disable_datetime_conversion": True}
    _, meta = _read(probe, metadataonly=True, **options)
    # What the file says of itself may be wrong, so the cases read are counted too.
    require_at_most(RESPONDENTS, max(0, meta.number_rows or 0), "respondents")
    present = [name or "" for name in meta.column_names]  # a damaged name is None
    names = _find(present, wanted)
    long = _long_texts(probe, [present.index(name) for name in names.values()]) if stata else 0
    width = sum(meta.variable_storage_width.get(name) or 8 for name in names.values()) + long * LONGEST_TEXT
    step = max(100, min(_PIECE_ROWS, _PIECE_BYTES // max(1, 4 * width)))
    pieces: dict[str, list[_Piece]] = {name: [] for name in names.values()}
    rows = room = 0
    while True:
        piece, _ = _read(probe, usecols=list(pieces), row_offset=rows, row_limit=step, output_format="dict", **options)
        for name, kept in pieces.items():
            kept.append(_compact(piece[name]))
            room += kept[-1].nbytes
        length = len(kept[-1])
        rows += length
        require(rows <= RESPONDENTS, beyond("respondents", RESPONDENTS))
        require(room <= TEXT_BYTES, beyond("answers", TEXT_BYTES // 2**20))
        if length < step:
            break
    labels: dict[str, dict[Any, str]] = meta.variable_value_labels
    variables = {
        field_name: _as_meant(field_name, name, _joined(pieces[name]), labels.get(name, {}))
        for field_name, name in names.items()
    }
    if undecoded:
        _decode(variables, encoding)
    for variable in variables.values():
        if isinstance(variable, Coded):
            variable.values = list(map(cell_text, variable.values))
    return variables, rows


def _as_meant(field_name: str, name: str, variable: Variable, labels: Mapping[Any, str]) -> Variable:
    """The variable, by its labels where it names places. Raises Refusal where labels are numbers of their own, and for
    codes of places in an own list."""
    if not labels:
        return variable
    coded = as_texts(variable)
    told = {exact_text(code): label for code, label in labels.items()}
    _, problem = meant(coded.values, told)
    if problem is None or problem.code == "encoded_figures":
        refuse_for([] if problem is None else [replace(problem, found=name, cell=name)])
        return variable
    if field_name in _NAMES:
        return Coded(coded.codes, [told.get(text, text) for text in coded.values])
    own_list = field_name in _CODES and any(read_full_code(text) is None for text in coded.values)
    refuse_for([replace(problem, found=name, cell=name)] if own_list else [])
    return variable


def _compact(cells: list[Any]) -> _Piece:
    """Texts as an Arrow dictionary without blanks at the ends, numbers as float64 (NaN: missing)."""
    try:
        # Only ASCII blanks: in Latin-1 disguise the last byte of a GBK character can look like another one.
        texts = pc.ascii_trim_whitespace(pa.array(cells, pa.string()))
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        try:
            return np.array(cells, dtype=np.float64)
        except (TypeError, ValueError):
            raise Refusal(Problem("unreadable", "mixed_variable", _WHOLE_FILE)) from None
    return pc.if_else(pc.equal(texts, ""), None, texts).dictionary_encode()


def _joined(pieces: list[_Piece]) -> Variable:
    if any(isinstance(piece, np.ndarray) for piece in pieces):
        return np.concatenate([np.asarray(piece, dtype=np.float64) for piece in pieces])
    whole = pa.chunked_array(pieces).unify_dictionaries().combine_chunks()
    array = whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
    codes = pc.fill_null(array.indices, -1).to_numpy(zero_copy_only=False)
    return Coded(codes.astype(np.int32), array.dictionary.to_pylist())


def as_texts(variable: Variable) -> Coded:
    """The variable as texts; a whole number is written without its decimals."""
    if isinstance(variable, Coded):
        return variable
    found, distinct = pd.factorize(variable)
    texts = [str(int(value)) if value == np.floor(value) else str(float(value)) for value in distinct]
    return Coded(found.astype(np.int32), texts)


def as_numbers(variable: Variable) -> np.ndarray:
    """The variable as float64, NaN where it is missing or no number."""
    if not isinstance(variable, Coded):
        return variable
    known = pd.to_numeric(pd.Series(variable.values, dtype=object), errors="coerce").to_numpy(dtype=np.float64)
    return np.append(known, np.nan)[variable.codes]


def _read(probe: Probe, **options: Any) -> tuple[Any, Any]:
    reader = pyreadstat.read_dta if probe.suffix == ".dta" else pyreadstat.read_sav
    try:
        return reader(str(probe.path), **options)
    except Exception as error:  # many kinds for damaged files; all of them refuse the file
        # The text of an error may quote the data: only its kind and the library's own messages are shown.
        said = str(error) if isinstance(error, pyreadstat.ReadstatError) else "the data cannot be decoded"
        raise Refusal(Problem("unreadable", f"{type(error).__name__}: {said}"[:200], _WHOLE_FILE)) from error


def _release(head: bytes) -> int:
    mark = b"<stata_dta><header><release>"
    digits = head[len(mark) : len(mark) + 3] if head.startswith(mark) else b""
    return int(digits) if digits.isdigit() else head[0]


def _find(present: list[str], wanted: Mapping[str, str]) -> dict[str, str]:
    """Field -> the variable as the file spells it: waves differ in letter case only. Raises Refusal."""
    found, problems = {}, []
    for field_name, name in wanted.items():
        exact = [other for other in present if other == name]
        fitting = exact or [other for other in present if other.casefold() == name.casefold()]
        if len(fitting) != 1:
            problems.append(Problem("survey_field", ", ".join(fitting) or "no_variable", name, field_name))
        found[field_name] = next(iter(fitting), "")
    refuse_for(problems)
    return found


def _decode(variables: dict[str, Variable], declared: str | None) -> None:
    """Replace the Latin-1 disguise of the texts by what they are. Raises Refusal."""
    coded = [variable for variable in variables.values() if isinstance(variable, Coded)]
    texts = sorted({text for variable in coded for text in variable.values})
    _, encoding = decode("\n".join(texts).encode("latin-1"), declared)
    for variable in coded:
        variable.values = [text.encode("latin-1").decode(encoding) for text in variable.values]


def _long_texts(probe: Probe, positions: list[int]) -> int:
    """How many of the variables at `positions` (from 0) hold long texts. Raises Refusal when one is too long."""
    with probe.path.open("rb") as stream:
        found = long_texts(stream)
    count = sum(place in found.variables for place in positions)
    require(not count or found.longest <= LONGEST_TEXT, beyond("text_bytes", LONGEST_TEXT, found.longest))
    return count
