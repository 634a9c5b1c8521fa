"""A file as sheets of text cells, by the suffix of its name. How each container is read: the other modules."""

from collections.abc import Collection

from ingestion.formats.grid import Grid, read_csv_grid
from ingestion.formats.html_grid import read_document_grid
from ingestion.formats.statistical_grid import read_spss_grid, read_stata_grid
from ingestion.formats.workbooks import read_workbook_grid
from ingestion.problems import Problem, Refusal, require

# The containers tables come in.
GRID_SUFFIXES = frozenset({".csv", ".txt", ".xlsx", ".xls", ".dta", ".sav", ".zsav", ".md", ".html", ".htm"})
_NAMED = ".csv, .txt, .xlsx, .xls, .dta, .sav, .md, .html, .htm"


def read_any_grid(
    content: bytes,
    suffix: str,
    encoding: str | None = None,
    labelled: Collection[str] = (),
    tables: tuple[int, ...] = (),
) -> Grid:
    """The file as text cells. Raises Refusal for empty, damaged, undecodable or unsupported files.

    labelled: the variables of a statistical program whose value labels are their values; tables: those of a document.
    """
    require(content.strip(), Problem("empty_file"))
    match suffix:
        case ".xlsx" | ".xls":
            return read_workbook_grid(content)
        case ".csv" | ".txt":
            return read_csv_grid(content, encoding)
        case ".dta":
            return read_stata_grid(content, encoding, labelled)
        case ".sav" | ".zsav":
            return read_spss_grid(content, encoding, labelled)
        case ".md" | ".html" | ".htm":
            return read_document_grid(content, encoding, tables)
    raise Refusal(Problem("unreadable", found=suffix or "no_suffix", expected=_NAMED))
