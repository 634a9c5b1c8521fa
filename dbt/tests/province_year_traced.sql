-- A value stands in the wide table exactly where a chosen province-level observation does.
with wide as (
    {{ lengthened(ref("province_year"), ["province_code", '"year"']) }}
),

long as (
    select entity_code as province_code, "year", indicator, "value"
    from {{ ref("observation") }}
    where chosen and entity_level = 'province' and indicator not in ({{ sql_list(registry_by_facility()) }})
)

select province_code, "year", indicator, wide."value" as wide_value, long."value" as long_value
from wide
full join long using (province_code, "year", indicator)
where wide."value" is distinct from long."value"
