{# Generated from catalog/ by `medpanel generate`; do not edit. #}

select
    cast("year" as integer) as "year",
    cast(province_code as integer) as province_code,
    cast(city_code as integer) as city_code,
    cast(title as varchar) as title,
    cast(hospital_grade as varchar) as hospital_grade,
    cast(doctors as integer) as doctors
from {{ source("lake", "doctor_count") }}
