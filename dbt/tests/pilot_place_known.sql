-- Outside the municipalities a place lies in a prefecture-level unit of its province, or is a directly
-- administered county unit (code xx90yy). Anything else could not be counted.
select *
from {{ ref("pilot") }}
where
    unit_code // 10000 * 10000 <> province_code
    or city_code // 10000 * 10000 <> province_code
    or (
        province_code not in ({{ registry_municipalities() | join(", ") }})
        and (
            (city_code is null and unit_code // 100 % 100 <> 90)
            or (city_code is not null and (city_code % 100 <> 0 or city_code // 100 % 100 in (0, 90)))
        )
    )
