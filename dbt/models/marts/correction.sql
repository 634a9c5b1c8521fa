select
    "path",
    sheet,
    cell,
    entity_code,
    "year",
    indicator,
    expected,
    "found",
    "value",
    "state",
    reason,
    source,
    status
from {{ ref("stg_correction") }}
order by "path", sheet, cell
