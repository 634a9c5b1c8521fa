{# Generated from catalog/ by `medpanel generate`; do not edit. #}

select
    cast(file_id as varchar) as file_id,
    cast(sheet as varchar) as sheet,
    cast("row" as integer) as "row",
    cast(cell as varchar) as cell,
    cast(entity_code as integer) as entity_code,
    cast(entity_level as varchar) as entity_level,
    cast("year" as integer) as "year",
    cast(indicator as varchar) as indicator,
    cast(vintage as varchar) as vintage,
    cast("value" as double) as "value",
    cast(unit as varchar) as unit,
    cast(raw as varchar) as raw,
    cast(raw_unit as varchar) as raw_unit,
    cast(header as varchar) as header,
    cast(status as varchar) as status
from {{ source("lake", "observation") }}
