select
    file_id,
    "path",
    sha256,
    bytes,
    layout,
    "encoding",
    vintage,
    publisher,
    licence,
    accessed_on,
    status,
    problem,
    rows_read,
    rows_loaded,
    rows_rejected,
    rows_set_aside,
    cells_loaded,
    cells_missing,
    cells_rejected,
    download,
    superseded_by
from {{ ref("stg_source_file") }}
order by file_id
