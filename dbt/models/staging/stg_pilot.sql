{# Generated from catalog/ by `medpanel generate`; do not edit. #}

select
    cast(programme as varchar) as programme,
    cast(batch as integer) as batch,
    cast(unit_code as integer) as unit_code,
    cast(unit_name as varchar) as unit_name,
    cast(city_code as integer) as city_code,
    cast(province_code as integer) as province_code,
    cast("level" as varchar) as "level",
    cast(status as varchar) as status,
    cast(label_year as integer) as label_year,
    cast(announced_on as date) as announced_on,
    cast(source as varchar) as source,
    cast(file_id as varchar) as file_id,
    cast("row" as integer) as "row",
    cast(superseded_by as varchar) as superseded_by
from {{ source("lake", "pilot") }}
