"""One module per file layout, each with LAYOUT, TITLE, recognise(grid) and read(grid, source, tally).

A reader recognises its own layout or leaves the file alone; it never repairs. LAYOUTS is the order of asking.
"""

from ingestion.readers import nbs_export, pilot_list, yearbook_workbook
from ingestion.readers.base import Layout

LAYOUTS: tuple[Layout, ...] = (
    nbs_export.NAMED,
    nbs_export.UNNAMED,
    yearbook_workbook.WORKBOOK,
    pilot_list.PILOTS,
)
