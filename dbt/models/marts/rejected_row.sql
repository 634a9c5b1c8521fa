select
    file_id,
    sheet,
    "row",
    cell,
    code,
    reason,
    reason_zh,
    raw
from {{ ref("stg_rejected_row") }}
order by file_id, sheet, "row", cell
