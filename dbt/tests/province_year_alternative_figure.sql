-- The reported columns differ from province_year exactly by the conflicts of the vintage, and hold its figures there.
with wide as (
    {{ lengthened(ref("province_year"), ["province_code", '"year"']) }}
),

alternative as (
    {{ lengthened(ref("int_province_year_alternative"), ["vintage", "province_code", '"year"']) }}
),

expected as (
    select
        vintage.vintage_other as vintage,
        wide.province_code,
        wide."year",
        wide.indicator,
        coalesce(conflict.value_other, wide."value") as "value"
    from wide
    cross join (select distinct vintage_other from {{ ref("vintage_conflict") }}) as vintage
    left join {{ ref("vintage_conflict") }} as conflict
        on vintage.vintage_other = conflict.vintage_other
        and wide.province_code = conflict.entity_code
        and wide."year" = conflict."year"
        and wide.indicator = conflict.indicator
)

select vintage, province_code, "year", indicator, expected."value" as expected, alternative."value" as found
from expected
full join alternative using (vintage, province_code, "year", indicator)
where expected."value" is distinct from alternative."value"
