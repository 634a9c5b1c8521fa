{# Generated from catalog/ by `medpanel generate`; do not edit. #}

select
    cast(file_id as varchar) as file_id,
    cast(network as varchar) as network,
    cast(direction as varchar) as direction,
    cast(period_first as varchar) as period_first,
    cast(period_last as varchar) as period_last,
    cast(periods as integer) as periods,
    cast(precedence as integer) as precedence,
    cast(unit as varchar) as unit,
    cast(origin_code as integer) as origin_code,
    cast(destination_code as integer) as destination_code,
    cast(flow as double) as flow,
    cast("rows" as bigint) as "rows",
    cast(first_row as bigint) as first_row
from {{ source("lake", "flow") }}
