{# Generated from catalog/ by `medpanel generate`; do not edit. #}

select
    cast(file_id as varchar) as file_id,
    cast(city_code as integer) as city_code,
    cast(dialect as varchar) as dialect,
    cast(dialect_sub as varchar) as dialect_sub,
    cast("row" as integer) as "row"
from {{ source("lake", "place_dialect") }}
