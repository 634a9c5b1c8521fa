{# Generated from catalog/ by `medpanel generate`; do not edit. #}

select
    cast(file_id as varchar) as file_id,
    cast(network as varchar) as network,
    cast(direction as varchar) as direction,
    cast(unit as varchar) as unit,
    cast(city_code as integer) as city_code,
    cast(period as varchar) as period,
    cast("value" as double) as "value",
    cast("row" as bigint) as "row"
from {{ source("lake", "flow_scale") }}
