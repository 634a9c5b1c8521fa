"""Names a file spells in its own way, read as its entry says (`names:`), and only there.

Belongs here: looking a name up in the declaration, and refusing a declaration the file has no use for. What names mean
everywhere: names.py and places/.
"""

from catalog import Source
from ingestion.formats.grid import Grid
from ingestion.problems import Problem, refuse


def name_meant(text: str, source: Source) -> str:
    """The name that `text` stands for in this file; itself unless declared."""
    return next((name.means for name in source.names if name.printed == text), text)


def require_printed(grid: Grid, source: Source) -> None:
    """Raise Refusal for a declared name no cell of the file holds: it may be misspelt, and mean nothing."""
    wanted = {name.printed for name in source.names}
    if not wanted:
        return
    printed = {cell for sheet in grid.sheets for row in sheet.rows for cell in row if cell in wanted}
    absent = [name for name in source.names if name.printed not in printed]
    refuse(Problem("spelt_name_absent", name.printed, name.means) for name in absent)
