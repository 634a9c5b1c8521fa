-- The units of `city` that stand today are as many as the last year-end counts, province by province.
with last as (
    select *
    from {{ ref("division_count") }}
    where "year" = (select max("year") from {{ ref("division_count") }})
),

found as (
    select
        province_code,
        count(*) filter (where "level" = 'prefecture' and kind <> '直辖市') as prefecture_units,
        count(*) filter (where kind = '地级市') as prefecture_cities,
        count(*) filter (
            where "level" = 'county' and (prefecture_code is null or prefecture_code = province_code)
        ) as county_units
    from {{ ref("city") }}
    where last_year is null
    group by province_code
)

select last.province_code, found.prefecture_units, found.prefecture_cities, found.county_units
from last
left join found on last.province_code = found.province_code
where
    found.prefecture_units is distinct from last.prefecture_units
    or found.prefecture_cities is distinct from last.prefecture_cities
    or found.county_units is distinct from last.county_units
