"""Why a file is not of the layout its entry declares, and what to do about it.

Belongs here: the columns, the key of the entry or the kind of file a declared layout lacks. Does not belong here:
recognising layouts (reading.py, the readers).
"""

from collections.abc import Sequence

from ingestion.formats.grid import Grid
from ingestion.formats.probe import Probe
from ingestion.problems import Problem, Refusal
from ingestion.readers.base import AnyLayout, FileLayout, first_few
from ingestion.vocabulary.headers import squeeze
from ingestion.vocabulary.regions import is_figure

_SHOWN = 12


def file_mismatch(layout: FileLayout, probe: Probe) -> Refusal:
    """The refusal of a file that a declared layout of files cannot read."""
    if probe.suffix not in layout.suffixes:
        return Refusal(Problem("layout_mismatch", probe.suffix, "suffix", _told(layout, sorted(layout.suffixes))))
    if layout.entry_key:
        return Refusal(Problem("layout_mismatch", "", "key", layout.entry_key))
    return Refusal(Problem("layout_mismatch", probe.head[:60].decode("utf-8", "replace"), "kind", _told(layout)))


def grid_mismatch(layout: AnyLayout, grid: Grid) -> Refusal:
    """The refusal of a table that a declared layout of cells does not recognise: the columns it lacks, or more than it
    has, where it has columns of its own."""
    sheet = grid.filled[0] if grid.filled else None
    header = [cell for cell in (sheet.header or sheet.rows[0] if sheet else ()) if cell]
    printed = first_few(header, _SHOWN)
    lacking = [names for names in layout.headers if not _is_one(header, names)]
    more = [cell for cell in header if not any(_is_one([cell], names) for names in layout.headers)]
    # A first row with figures is no header.
    if lacking and not any(is_figure(cell) for cell in header):
        return Refusal(Problem("layout_columns", printed, _columns(lacking), layout.template))
    if layout.headers and more and not lacking:
        return Refusal(Problem("layout_more_columns", first_few(more, _SHOWN), _columns(layout.headers)))
    return Refusal(Problem("layout_mismatch", printed[:60], "kind", _told(layout)))


def _is_one(header: Sequence[str], names: Sequence[str]) -> bool:
    known = {squeeze(name).lower() for name in names}
    return any(squeeze(cell).lower() in known for cell in header)


def _columns(columns: Sequence[Sequence[str]]) -> str:
    """Each column by its first two names: programme (项目)."""
    return ", ".join(names[0] + (f" ({names[1]})" if len(names) > 1 else "") for names in columns)


def _told(layout: AnyLayout, suffixes: Sequence[str] = ()) -> str:
    return f"{layout.name}: {layout.title_en} / {layout.title_zh}{' ' if suffixes else ''}{', '.join(suffixes)}"
