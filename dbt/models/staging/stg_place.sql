{# Generated from catalog/ by `medpanel generate`; do not edit. #}

select
    cast(code as integer) as code,
    cast(name_zh as varchar) as name_zh,
    cast(name_en as varchar) as name_en,
    cast("level" as varchar) as "level",
    cast(kind as varchar) as kind,
    cast(province_code as integer) as province_code,
    cast(city_code as integer) as city_code,
    cast(first_year as integer) as first_year,
    cast(last_year as integer) as last_year,
    cast(lon as double) as lon,
    cast(lat as double) as lat
from {{ source("lake", "place") }}
