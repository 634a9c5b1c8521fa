"""What every reader offers, what it is given, and rows removed before it sees them. The readers: the other modules.

Belongs here: what a layout is, accounting for rows and tables, and demanding what must be there. The types a reader
works with (Source, Probe, Grid, Sheet, Problem, Refusal, Tally) are here too, so that a layout needs only one import.
Rows an entry declares to be no data (`set_aside_rows:`), such as adverts in a workbook or the rest of a
footer in an export, are emptied; readers set empty rows aside and count them.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from catalog import Source
from ingestion.formats.grid import Grid, Sheet
from ingestion.formats.probe import Probe
from ingestion.problems import Problem, Refusal, refuse_for, require
from ingestion.row_account import Tally
from ingestion.vocabulary.labels import label_problem
from ingestion.vocabulary.patterns import fullmatch
from ingestion.vocabulary.regions import is_figure

if TYPE_CHECKING:
    from ingestion.reading import FileReading

# Place of a layout that does not say when it is asked: after those that do.
LAST = 1000
T = TypeVar("T")


@dataclass(frozen=True)
class AnyLayout:
    """What layouts of cells and layouts of files say about themselves.

    declared_only: the header alone cannot tell, so sources.yaml must name the layout; its `recognise` then says only
    whether the file can be of it.
    asked: its place in the order of asking, lowest first; those of one place go by name. What is recognised strictly
    is asked before what is recognised loosely.
    uses: the keys of an entry it takes account of; an entry with any other one is refused (vocabulary/claims.py).
    headers: the columns it needs, each under any of the names given, where the header itself decides.
    entry_key: the key of the entry it is read by, where it has one.
    template: the kind of `medpanel template` that writes an empty one.
    persons: its rows are about persons, and no message repeats what they hold.
    """

    name: str
    title_en: str
    title_zh: str
    declared_only: bool = field(default=False, kw_only=True)
    asked: int = field(default=LAST, kw_only=True)
    uses: frozenset[str] = field(default=frozenset(), kw_only=True)
    headers: tuple[tuple[str, ...], ...] = field(default=(), kw_only=True)
    entry_key: str = field(default="", kw_only=True)
    template: str = field(default="", kw_only=True)
    persons: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class Layout(AnyLayout):
    """A file layout.

    recognise: whether the grid is of this layout, by its header and what the entry declares.
    read: reports every row of the grid to the tally; raises Refusal to refuse the whole file.
    """

    recognise: Callable[[Grid, Source], bool]
    read: Callable[[Grid, Source, Tally], None]


@dataclass(frozen=True)
class FileLayout(AnyLayout):
    """A layout read from the file itself: large tables, binary formats, JSON. Asked before the layouts of cells.

    suffixes: of the files it can be, in lower case.
    recognise: whether the file is of this layout, from its first bytes and what the entry declares.
    read: reports every row to the tally (Tally.count_rows or Tally.fate); raises Refusal to refuse the file whole.
    settle: what is decided once all its files are read, also if there is none: it refuses rows that repeat those of
    another file, and returns the records of the lake tables made from all of them (`made: run`).
    """

    suffixes: frozenset[str]
    recognise: Callable[[Probe, Source], bool]
    read: Callable[[Probe, Source, Tally], None]
    settle: Callable[[Sequence["FileReading"]], dict[str, list[dict[str, Any]]]] | None = field(
        default=None, kw_only=True
    )


def raw_row(cells: tuple[str, ...]) -> str:
    """A whole row as one text, for rejected_row.raw."""
    return " | ".join(cells).rstrip(" |")


def first_few(texts: Sequence[str], most: int, separator: str = ", ", more: str = " and {rest} more") -> str:
    """The first of the texts, and a remark on the others: {rest} is their number, {all} that of all texts."""
    shown = separator.join(texts[:most])
    return shown + more.format(rest=len(texts) - most, all=len(texts)) if len(texts) > most else shown


def given(value: T | None, cause: Problem | Exception) -> T:
    """A value that must be there. Raises the cause, a problem as Refusal, if it is not."""
    require(value is not None, cause)
    return cast(T, value)


def known(found: T | Problem) -> T:
    """What was found. Raises Refusal if there is a problem instead."""
    if isinstance(found, Problem):
        raise Refusal(found)
    return found


def known_at(found: T | Problem, sheet: Sheet, row: int, column: int) -> T:
    """The same for what a cell names; its problem is reported at that cell."""
    if isinstance(found, Problem):
        empty = not sheet.spread(row, column)
        at = replace(found, sheet=sheet.name, row=row, cell=sheet.locate(row, column))
        raise Refusal(label_problem(sheet, row, column, found) if empty else at)
    return found


def settle_rows(sheet: Sheet, tally: Tally, refused: Mapping[int, Problem], loaded: Collection[int]) -> None:
    """Account for every row of a table: refused for its problem, in the order given, or loaded, or else set aside."""
    for row, problem in refused.items():
        tally.reject_row(problem, raw_row(sheet.rows[row - 1]))
    for row in range(1, len(sheet.rows) + 1):
        if row not in refused:
            tally.fate(sheet.name, row, "loaded" if row in loaded else "set_aside")


def tell_unlisted(tally: Tally, code: str, more: int) -> None:
    """Report how many rows are refused for `code` beyond those listed one by one, if any."""
    if more > 0:
        # The count stands in `raw` too: the accounts of rows are checked against it.
        tally.reject(Problem("more_rows_rejected", f"{more:,}", hint=code), str(more))


def read_each(grid: Grid, tally: Tally, read_sheet: Callable[[Sheet], None]) -> None:
    """Read every sheet that has any content; a wrong table does not affect the file's other tables.

    `read_sheet` raises Refusal before it accounts for any row. Raises that Refusal when the file is one table only.
    """
    for sheet, refusal in refused_tables(grid.filled, read_sheet, tally):
        if len(grid.filled) == 1:
            raise refusal
        refuse_rows(sheet, range(1, len(sheet.rows) + 1), refusal, tally, "sheet_refused")


def on_first_sheet(recognise: Callable[[Sheet, Source], bool]) -> Callable[[Grid, Source], bool]:
    """How a layout of CSV files and workbooks is recognised: by the first sheet with any content."""
    return lambda grid, source: (
        grid.kind in {"csv", "workbook"} and bool(grid.filled) and recognise(grid.filled[0], source)
    )


def by_sheets(
    read_sheet: Callable[[Sheet, Source, Tally], None],
) -> Callable[[Grid, Source, Tally], None]:
    """How a layout reads a file whose sheets are independent, as read_each does."""

    @wraps(read_sheet)
    def read(grid: Grid, source: Source, tally: Tally) -> None:
        read_each(grid, tally, lambda sheet: read_sheet(sheet, source, tally))

    return read


def refused_tables(tables: Iterable[T], read: Callable[[T], None], tally: Tally) -> Iterator[tuple[T, Refusal]]:
    """Read tables one after another; returns the wrong ones, each with its refusal. The others are not affected."""
    for table in tables:
        before = len(tally.rejected)
        try:
            read(table)
        except Refusal as refusal:
            del tally.rejected[before:]
            yield table, refusal


def note_hidden_sheets(grid: Grid | None, source: Source, tally: Tally) -> None:
    """Remark on each hidden sheet that was read: nobody sees its figures when looking at the file."""
    told = {record["sheet"] for record in tally.rejected if not record["row"]}
    for sheet in grid.filled if grid is not None else ():
        aside = any(fullmatch(pattern, sheet.name) for pattern in source.set_aside_sheets)
        if sheet.hidden and not aside and sheet.name not in told:
            tally.reject(Problem("hidden_sheet", sheet.name, sheet=sheet.name), "")


def refuse_rows(
    sheet: Sheet,
    rows: range,
    refusal: Refusal,
    tally: Tally,
    part: Literal["file_refused", "sheet_refused", "table_refused"] = "table_refused",
    own: bool = True,
    quoted: bool = True,
) -> None:
    """Record the rows of what is refused, from 1, as rejected: each with its own problem or a pointer to the first one.

    Problems of other rows are recorded by themselves. `part`: the pointer that says what is refused. `own`: the
    problems are this sheet's; otherwise its rows only point at them. `quoted`: the rows are repeated in full.
    """
    first = refusal.problems[0]
    where = f"{first.sheet} {first.cell}".strip()
    pointer = ("see_cell", f"{where}: {first.code}") if where else ("see_file", first.code)
    # A row is refused once, for the first of its problems.
    causes = {problem.row: problem for problem in reversed(refusal.problems) if problem.row} if own else {}
    if own:
        for problem in refusal.problems:
            if problem.row not in rows:
                tally.reject(problem, "")
    for number in rows:
        problem = causes.get(number) or Problem(part, "", *pointer, sheet.name, number)
        tally.reject_row(problem, raw_row(sheet.rows[number - 1]) if quoted else "")


def refuse_tables(sheet: Sheet, refused: Collection[tuple[range, Refusal]], tally: Tally, every: bool) -> None:
    """Refuse tables of a sheet, each with its rows; what is wrong with a whole table is told at its first row.

    Raises Refusal with all their problems where they are `every` table of the sheet.
    """
    if every:
        raise Refusal(*(problem for _, refusal in refused for problem in refusal.problems))
    for rows, refusal in refused:
        placed = (p if p.row in rows else replace(p, row=rows[0], cell="") for p in refusal.problems)
        refuse_rows(sheet, rows, Refusal(*placed), tally)


def without_rows(grid: Grid, source: Source) -> Grid:
    """The grid with the declared rows empty.

    Raises Refusal for a declared row that holds a figure, and for a pattern that is the first filled cell of no row.
    """
    if not source.set_aside_rows:
        return grid
    used: set[str] = set()
    sheets = tuple(_without(sheet, source.set_aside_rows, used) for sheet in grid.sheets)
    unused = (pattern for pattern in source.set_aside_rows if pattern not in used)
    refuse_for(Problem("set_aside_row_missing", pattern) for pattern in unused)
    return replace(grid, sheets=sheets)


def _without(sheet: Sheet, patterns: tuple[str, ...], used: set[str]) -> Sheet:
    rows = list(sheet.rows)
    for number, cells in enumerate(rows, start=1):
        first = next((cell for cell in cells if cell), "")
        matched = {pattern for pattern in patterns if first and fullmatch(pattern, first)}
        if not matched:
            continue
        used |= matched
        column = next((c for c, cell in enumerate(cells, start=1) if is_figure(cell)), 0)
        if column:
            raise Refusal(sheet.problem("set_aside_row_figure", number, column, sheet.cell(number, column), first))
        rows[number - 1] = tuple("" for _ in cells)
    return replace(sheet, rows=tuple(rows))
