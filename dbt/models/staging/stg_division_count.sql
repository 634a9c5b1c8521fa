{# Generated from catalog/ by `medpanel generate`; do not edit. #}

select
    cast(province_code as integer) as province_code,
    cast("year" as integer) as "year",
    cast(prefecture_units as integer) as prefecture_units,
    cast(prefecture_cities as integer) as prefecture_cities,
    cast(county_units as integer) as county_units
from {{ source("lake", "division_count") }}
