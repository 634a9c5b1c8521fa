-- A list of divisions somebody supplied counts as many units as the counts of its year; every province is in it.
with listed as (
    select distinct file_id, "year" from {{ ref("stg_division") }}
),

found as (
    select
        file_id,
        "year",
        code // 10000 * 10000 as province_code,
        count(*) filter (where "level" = 'prefecture') as prefecture_units,
        count(*) filter (where "level" = 'prefecture' and name like '%市') as prefecture_cities,
        count(*) filter (
            where
            "level" = 'county'
            and (code // 10000 * 10000 in ({{ registry_municipalities() | join(", ") }}) or code // 100 % 100 = 90)
        ) as county_units
    from {{ ref("stg_division") }}
    group by all
)

select listed.file_id, division_count.province_code, division_count."year", found.*
from {{ ref("division_count") }} as division_count
inner join listed on division_count."year" = listed."year"
left join found
    on listed.file_id = found.file_id
    and listed."year" = found."year"
    and division_count.province_code = found.province_code
where
    found.prefecture_units is distinct from division_count.prefecture_units
    or found.prefecture_cities is distinct from division_count.prefecture_cities
    or found.county_units is distinct from division_count.county_units
