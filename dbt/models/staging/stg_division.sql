{# Generated from catalog/ by `medpanel generate`; do not edit. #}

select
    cast(file_id as varchar) as file_id,
    cast("year" as integer) as "year",
    cast(code as integer) as code,
    cast(name as varchar) as name,
    cast("level" as varchar) as "level",
    cast("row" as integer) as "row"
from {{ source("lake", "division") }}
