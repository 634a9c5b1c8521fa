{# Generated from catalog/ by `medpanel generate`; do not edit. #}

select
    cast(file_id as varchar) as file_id,
    cast(sheet as varchar) as sheet,
    cast("row" as integer) as "row",
    cast(cell as varchar) as cell,
    cast(code as varchar) as code,
    cast(reason as varchar) as reason,
    cast(reason_zh as varchar) as reason_zh,
    cast(raw as varchar) as raw
from {{ source("lake", "rejected_row") }}
