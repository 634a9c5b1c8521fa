"""Reference facts about divisions as files with a vintage: the packaged ones, or a workspace's own before them.

Belongs here: which file of which folder counts, its rows with their places, the vintage. What the rows say about
units: ingestion/places; the files themselves: divisions/README.md.
"""

import csv
import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from catalog.base import CATALOG_DIR, CatalogError, Strict, Text, read_yaml, refuse, validate

FOLDER = CATALOG_DIR / "divisions"
VINTAGE, CHANGES, TOTALS = "vintage.yaml", "changes.csv", "year_end_total.csv"
_UNITS = ("code", "name", "first_year", "last_year", "successors", "main_successor", "also_from", "source")
# The columns of every file; `changes.csv` is only ever a workspace's own.
COLUMNS = {
    "prefecture.csv": _UNITS,
    "county_change.csv": _UNITS,
    CHANGES: ("level", *_UNITS),
    "alias.csv": ("name", "code", "reading", "reason", "source"),
    "name_en.csv": ("name", "name_en"),
    TOTALS: ("province_code", "year", "prefecture_units", "prefecture_cities", "county_units"),
}
_KNOWN = (VINTAGE, *COLUMNS)


class Vintage(Strict):
    """What a record of divisions knows.

    last_year     its last year-end; a later year is carried: read as this one, and flagged
    first_year    its first year-end by level
    counted_from  first year-end in the table division_count
    source, licence, accessed   where the facts come from
    """

    last_year: int = Field(ge=1949, le=2100)
    first_year: dict[Literal["prefecture", "county"], int]
    counted_from: int
    source: str = Field(min_length=1)
    licence: str | None = None
    accessed: dt.date | None = None

    def _consistent(self) -> None:
        begun = {*self.first_year.values(), self.counted_from}
        refuse(
            (len(self.first_year) != 2, "first_year is of prefecture and county"),
            (self.last_year < max(begun), f"last_year {self.last_year} lies before a first year"),
        )

    @property
    def span(self) -> str:
        """The years of prefecture-level units, for messages."""
        return f"{self.first_year['prefecture']}-{self.last_year}"


class Facts(Strict):
    """One body of facts. own: a workspace's folder, whose files count before the packaged ones of the same name.

    sha256: of the files in it, and all that is compared or recorded; '' for the packaged facts alone.
    """

    sha256: str = ""
    own: Path | None = Field(default=None, exclude=True)

    def rows(self, name: str) -> Iterator["Row"]:
        """The rows of a file, a workspace's own if it has one; none of a file neither has. Raises CatalogError."""
        places = [folder / name for folder in (self.own, FOLDER) if folder is not None]
        path = next((path for path in places if path.is_file()), None)
        return iter(()) if path is None else _rows(path)

    def require_unchanged(self) -> None:
        """Raise CatalogError if the files are no longer those these facts stand for."""
        changed = self.own is not None and _sha256(_files(self.own)) != self.sha256
        refuse(
            (changed, f"{self.own}: changed while it was used; run again / 运行中被改动，请重新运行"),
            error=CatalogError,
        )

    @property
    def vintage(self) -> Vintage:
        """What the facts reach."""
        return _vintage(self.own, self.sha256)


PACKAGED = Facts()


@dataclass(frozen=True)
class Row:
    """A row of a file, from 1 with the header; empty cells are empty texts."""

    path: Path
    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def wrong(self, column: str, expected: Text) -> CatalogError:
        """The error that the cell of a column is not as expected."""
        return wrong(f"{self.path}: row {self.number}", column, self.cells[column], expected)

    def number_in(self, column: str) -> int | None:
        """The whole number in a cell; None if it is empty. Raises CatalogError."""
        text = self.cells[column]
        if text and not text.isdecimal():
            raise self.wrong(column, Text(en="a whole number", zh="整数"))
        return int(text) if text else None

    def codes_in(self, column: str) -> tuple[int, ...]:
        """The six-digit codes of a cell, separated by semicolons. Raises CatalogError."""
        codes = [text.strip() for text in self.cells[column].replace("；", ";").split(";") if text.strip()]
        if any(len(code) != 6 or not code.isdecimal() for code in codes):
            raise self.wrong(column, Text(en="six-digit codes separated by ;", zh="六位代码，以分号分隔"))
        return tuple(map(int, codes))


def wrong(place: str, column: str, found: str, expected: Text) -> CatalogError:
    """The error that what stands in a column at a place (file and row) is not as expected."""
    english = f"column {column}: found {found or 'nothing'}, expected {expected.en}"
    return CatalogError(f"{place}, {english} / 列 {column}：发现“{found}”，应为{expected.zh}")


def own_facts(folder: Path) -> Facts:
    """A workspace's facts. Raises CatalogError for a folder without a vintage, and for a file or column not known.

    Whether its units agree with each other and with the packaged ones: ingestion/places/consistency.py.
    """
    refuse((not folder.is_dir(), f"divisions: {folder} is no folder / 目录不存在"), error=CatalogError)
    files = _files(folder)
    strange = [path.name for path in files if path.name not in _KNOWN]
    refuse(
        (strange, f"{folder}: no file of facts about divisions: {{}}; known: {', '.join(_KNOWN)} / 非区划资料文件"),
        (
            not (folder / VINTAGE).is_file(),
            f"{folder}: without {VINTAGE}, which says the last year it knows (`medpanel template divisions`) / "
            f"缺少 {VINTAGE}",
        ),
        error=CatalogError,
    )
    facts = Facts(sha256=_sha256(files), own=folder)
    assert facts.vintage
    for name in COLUMNS:
        list(facts.rows(name))
    return facts


def _files(folder: Path) -> list[Path]:
    """All but what is no data: descriptions, and what editors leave beside the files they edit."""
    return sorted(p for p in folder.iterdir() if not p.name.startswith((".", "~$")) and p.suffix != ".md")


def _sha256(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


@cache
def _vintage(own: Path | None, sha256: str) -> Vintage:
    """sha256 tells apart what a folder held at different times."""
    packaged = read_yaml(FOLDER / VINTAGE)
    if own is None:
        return validate(Vintage, packaged, FOLDER / VINTAGE)
    data = read_yaml(own / VINTAGE)
    refuse((not isinstance(data, dict), f"{own / VINTAGE}: expected the key last_year"), error=CatalogError)
    kept = {key: packaged[key] for key in ("first_year", "counted_from")}
    return validate(Vintage, kept | data, own / VINTAGE)


def _rows(path: Path) -> Iterator[Row]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What a spreadsheet program saves as CSV in China.
        text = content.decode("gb18030", "replace")
        refuse(("\ufffd" in text, f"{path}: neither UTF-8 nor GB 18030 / 编码无法识别"), error=CatalogError)
    lines = list(csv.reader(text.splitlines()))
    header, columns = tuple(cell.strip() for cell in (lines or [[]])[0]), COLUMNS[path.name]
    refuse(
        (
            header != columns,
            f"{path}: row 1: found the columns {', '.join(header)}; expected {', '.join(columns)} / 表头不符",
        ),
        error=CatalogError,
    )
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        told = f"{path}: row {number}: {len(cells)} fields; expected {len(columns)} / 字段数不符"
        refuse((len(cells) != len(columns), told), error=CatalogError)
        yield Row(path, number, dict(zip(columns, (cell.strip() for cell in cells), strict=True)))
