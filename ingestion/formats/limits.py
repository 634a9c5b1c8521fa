"""How large an input may be: every limit of the readers, each with its reason.

Belongs here: the numbers, and refusing what exceeds one or is damaged. Does not belong here: measuring,
which each reader does while it reads. Together they keep one file within 1 GiB of memory; tests/ingestion/hostile
measures it. What no reader foresees is stopped from outside (ingestion/build/bounds.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from ingestion.problems import Problem, Refusal

# What reading one file may take in all, the program itself included; and as messages say it.
MEMORY_BYTES = 2**30
MEMORY = f"{MEMORY_BYTES // 2**30} GiB"

# A file held in memory as a whole. Tables of flows are read in passes and may be of any size.
CONTENT_BYTES = 256 * 2**20
# Text becomes up to four bytes a character once decoded. A national panel of 2,800 counties, 20 years and
# 50 columns is 28 MB.
TEXT_BYTES = 64 * 2**20
# A tree of elements takes forty times the room of its text. The largest paper with tables seen has 30 kB.
DOCUMENT_BYTES = 8 * 2**20
# An .xls sheet has at most 65,536 rows of 256 columns; yearbooks have some hundred kB.
XLS_BYTES = 32 * 2**20

# One part of an .xlsx file, unpacked: a full sheet of 1,048,576 formatted rows is some 100 MB of XML.
PART_BYTES = 256 * 2**20
# All parts of a workbook that are read, together: a hundred sheets of a full yearbook are some 100 MB.
PARTS_BYTES = 512 * 2**20
# The list of shared texts is held as a whole.
TEXTS_BYTES = 64 * 2**20
# Members of an .xlsx archive; a workbook has a handful for each sheet.
MEMBERS = 10_000
# Sheets of a workbook.
SHEETS = 1_000
# Formats of cells: Excel itself writes at most 64,000, and 4,000 in .xls.
STYLES = 70_000
# Excel's own bounds of a sheet, and of its name with room to spare.
SHEET_ROWS = 1_048_576
COLUMNS = 16_384
SHEET_NAME = 255
# Nothing an office program writes nests deeper than about ten.
XML_DEPTH = 64

# What is kept of one file as cells: the filled size of its sheets. A refused row costs some 2 kB of messages.
CELLS = 2_000_000
ROWS = 100_000
# Figures, empty cells and refusals, which cost 1 to 2 kB each; 300 cities, 25 years and 50 indicators are 375,000.
RECORDS = 400_000
CHARACTERS = 32_000_000
# The same before blanks are taken from the ends, which fill up texts of a fixed width.
RAW_CHARACTERS = 4 * CHARACTERS
# The cases of an SPSS file as they are stored, unpacked.
CASES_BYTES = 128 * 2**20
# Cells covered by merged areas, which are kept one by one.
MERGED = 500_000


def beyond(what: str, limit: int, found: int | str = "", sheet: str = "") -> Refusal:
    """The refusal of a file with more than `limit` of `what`, a phrase of the message (for example "rows")."""
    count = f"{found:,}" if isinstance(found, int) else found
    return Refusal(Problem("beyond_limits", count, what, f"{limit:,}", sheet[:SHEET_NAME]))


def require_at_most(limit: int, found: int, what: str, sheet: str = "") -> None:
    """Raise Refusal if there are more than `limit` of `what`."""
    if found > limit:
        raise beyond(what, limit, found, sheet)


@contextmanager
def damage_refused(
    expected: str, kinds: type[Exception] | tuple[type[Exception], ...] = Exception, length: int = 200
) -> Iterator[None]:
    """Refuse the file for whatever a library raises over damage: most raise many kinds, so all of them count.

    Raises MemoryError for want of memory, whatever the library makes of it: that is no damage.
    """
    try:
        yield
    except (Refusal, MemoryError):
        raise
    except kinds as error:
        if "allocate memory" in str(error):  # pyreadstat's words
            raise MemoryError from error
        raise Refusal(Problem("unreadable", f"{type(error).__name__}: {error}"[:length], expected)) from error


def require_bytes(size: int, limit: int, part: str = "", what: str = "mebibytes") -> None:
    """Raise Refusal when `size` bytes, of the whole file or a part of it, are more than `limit`."""
    if size > limit:
        raise beyond(what, limit // 2**20, f"{part} {size / 2**20:,.0f} MiB".strip())
