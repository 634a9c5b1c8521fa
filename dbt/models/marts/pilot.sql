select
    programme,
    batch,
    unit_code,
    unit_name,
    city_code,
    province_code,
    "level",
    status,
    label_year,
    announced_on,
    source,
    file_id,
    "row"
from {{ ref("int_pilot_listed") }}
order by programme, batch, unit_code
