"""Rows as a CSV file that a command was asked for, written where nothing is yet.

Belongs here: not harming what lies there. Cells that look like formulas: files.py.
"""

import csv
import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from medpanel.office.files import neutral

if TYPE_CHECKING:
    from _csv import Writer


class CsvPathError(ValueError):
    """A file that is not to be written: one is there, or a link."""


def write_csv(path: Path, names: Sequence[str], rows: Iterable[Sequence[object]], overwrite: bool = False) -> int:
    """Write rows as they come; how many there were. Spreadsheet programs read the file as it is, also its Chinese.

    `overwrite`: replace a file, once all rows are written. A link is never followed or replaced, and nothing is left of
    a file that was not finished. Raises CsvPathError and OSError.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise CsvPathError(f"{path}: a link or no file; name a file / 是链接或并非文件，请指定文件")
    written = path.with_name(f".{path.name}.{os.getpid()}.part") if overwrite else path
    try:
        # Only where there is nothing, not even a link.
        stream = written.open("x", encoding="utf-8-sig", newline="")
    except FileExistsError:
        raise CsvPathError(
            f"{written}: exists and is not overwritten; name another file, or add --overwrite / "
            "文件已存在，未覆盖；请另选文件名或加 --overwrite"
        ) from None
    try:
        with stream:
            count = _write(csv.writer(stream, lineterminator="\n"), names, rows)
        if overwrite:
            written.replace(path)
    except BaseException:
        written.unlink(missing_ok=True)
        raise
    return count


def _write(writer: "Writer", names: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    writer.writerow(map(neutral, names))
    count = 0
    for row in rows:
        writer.writerow(_cell(value) for value in row)
        count += 1
    return count


def _cell(value: object) -> object:
    return None if isinstance(value, float) and math.isnan(value) else neutral(value)
