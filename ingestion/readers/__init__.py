"""One module per file layout. A reader recognises its own layout or leaves the file alone; it never repairs.

LAYOUTS is the order of asking; layouts no header can tell are read only where sources.yaml names them.
"""

from ingestion.readers import (
    boundary_json,
    boundary_rda,
    cmds_survey,
    dialect_rdata,
    dialect_table,
    division_history,
    division_list,
    flow_arrays,
    flow_edges,
    flow_matrix,
    flow_scale,
    html_tables,
    indicator_rows,
    long_panel,
    mapped,
    nbs_export,
    online_doctors,
    ordered_rows,
    pair_distances,
    pilot_list,
    provinces_across,
    weights_matrix,
    work_report,
    yearbook_workbook,
)
from ingestion.readers.base import FileLayout, Layout

LAYOUTS: tuple[Layout, ...] = (
    pilot_list.PILOTS,
    division_list.LIST,
    division_history.HISTORY,
    dialect_table.TABLE,
    dialect_table.COLUMNS,
    *nbs_export.EXPORTS,
    yearbook_workbook.WORKBOOK,
    provinces_across.ACROSS,
    indicator_rows.ROWS,
    ordered_rows.ORDERED,
    long_panel.PANEL,
    html_tables.TABLES,
    mapped.MAPPED,
)

# Read from the file itself, so asked first.
FILE_LAYOUTS: tuple[FileLayout, ...] = (
    pair_distances.DISTANCES,
    weights_matrix.MATRIX,
    boundary_json.JSON_MAP,
    online_doctors.DOCTORS,
    work_report.REPORT,
    cmds_survey.CMDS,
    boundary_rda.R_MAP,
    dialect_rdata.R_TABLE,
    flow_edges.EDGES,
    flow_edges.AMAP_YEAR,
    flow_matrix.MATRIX,
    flow_arrays.CELLS,
    flow_arrays.JSON_LISTS,
    flow_scale.SCALE,
)

EVERY_LAYOUT: tuple[FileLayout | Layout, ...] = (*FILE_LAYOUTS, *LAYOUTS)
