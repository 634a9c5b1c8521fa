"""Paths of input files as written everywhere: relative to the input folder, with / and composed accents."""

import os
import re
import unicodedata
from pathlib import Path

# Control, format (direction, zero-width), lone surrogates, line and paragraph separators.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    """The text with control, direction and zero-width characters written as \\uNNNN, so that all are visible."""
    return text if text.isprintable() else "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _UNSEEN:
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def one_file(path: Path) -> str:
    """The path as a pattern that fits this file alone: DuckDB takes what it is to read for a pattern.

    Whoever reads says hive_partitioning = false as well: a folder named year=2024 would replace the years in the file.
    """
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def relative_name(path: Path, root: Path) -> str:
    """The path of a file below `root`, NFC, with / as separator.

    Bytes that are no text are written \\xNN, characters nobody can see \\uNNNN.
    """
    name = path.relative_to(root).as_posix()
    return visible(unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "backslashreplace")))


def is_text(path: Path) -> bool:
    """Whether the name of a file is text at all, which file systems do not require."""
    return not any(unicodedata.category(character) == "Cs" for character in str(path))


def is_plain(path: Path, root: Path) -> bool:
    """Whether the path below `root` shows every character it has; path.exe could otherwise read path.csv."""
    name = path.relative_to(root).as_posix()
    return visible(name) == name
