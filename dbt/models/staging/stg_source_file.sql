{# Generated from catalog/ by `medpanel generate`; do not edit. #}

select
    cast(file_id as varchar) as file_id,
    cast("path" as varchar) as "path",
    cast(sha256 as varchar) as sha256,
    cast(bytes as bigint) as bytes,
    cast(layout as varchar) as layout,
    cast("encoding" as varchar) as "encoding",
    cast(vintage as varchar) as vintage,
    cast(publisher as varchar) as publisher,
    cast(licence as varchar) as licence,
    cast(redistribution as varchar) as redistribution,
    cast(accessed_on as date) as accessed_on,
    cast(status as varchar) as status,
    cast(problem as varchar) as problem,
    cast(rows_read as integer) as rows_read,
    cast(rows_loaded as integer) as rows_loaded,
    cast(rows_rejected as integer) as rows_rejected,
    cast(rows_set_aside as integer) as rows_set_aside,
    cast(cells_loaded as integer) as cells_loaded,
    cast(cells_missing as integer) as cells_missing,
    cast(cells_rejected as integer) as cells_rejected,
    cast(vintage_rank as integer) as vintage_rank,
    cast(download as integer) as download,
    cast(superseded_by as varchar) as superseded_by
from {{ source("lake", "source_file") }}
