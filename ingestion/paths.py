"""Paths of input files as they are written down everywhere: below the input folder, with / and composed accents."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path


def relative_name(path: Path, root: Path) -> str:
    """The path of a file below `root`, NFC, with / as separator; bytes that are no text are written \\xNN."""
    name = path.relative_to(root).as_posix()
    return unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "backslashreplace"))


def is_text(path: Path) -> bool:
    """Whether the name of a file is text at all, which file systems do not demand."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True
