{# Generated from catalog/ by `medpanel generate`; do not edit. #}

select
    cast("path" as varchar) as "path",
    cast(sheet as varchar) as sheet,
    cast(cell as varchar) as cell,
    cast(entity_code as integer) as entity_code,
    cast("year" as integer) as "year",
    cast(indicator as varchar) as indicator,
    cast(expected as varchar) as expected,
    cast("found" as varchar) as "found",
    cast("value" as double) as "value",
    cast("state" as varchar) as "state",
    cast(reason as varchar) as reason,
    cast(source as varchar) as source,
    cast(status as varchar) as status
from {{ source("lake", "correction") }}
