"""One module per file layout. A reader recognises its own layout or leaves the file alone; it never repairs.

LAYOUTS is the order of asking; layouts no header can tell are read only where sources.yaml names them.
"""

from ingestion.readers import (
    html_tables,
    long_panel,
    nbs_export,
    pilot_list,
    provinces_across,
    yearbook_workbook,
)
from ingestion.readers.base import FileLayout, Layout

LAYOUTS: tuple[Layout, ...] = (
    nbs_export.NAMED,
    nbs_export.UNNAMED,
    nbs_export.CUT,
    yearbook_workbook.WORKBOOK,
    provinces_across.ACROSS,
    long_panel.PANEL,
    html_tables.TABLES,
    pilot_list.PILOTS,
)

# Read from the file itself, so asked first.
FILE_LAYOUTS: tuple[FileLayout, ...] = ()

EVERY_LAYOUT: tuple[FileLayout | Layout, ...] = (*FILE_LAYOUTS, *LAYOUTS)
