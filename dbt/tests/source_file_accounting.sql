-- Every row of a file was loaded, refused or set aside.
select file_id, rows_read, rows_loaded, rows_rejected, rows_set_aside
from {{ ref("source_file") }}
where
    rows_read is null
    or rows_loaded + rows_rejected + rows_set_aside is distinct from rows_read
