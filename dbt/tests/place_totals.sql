-- The table of places, unit by unit, gives the counts of every province and year-end.
with standing as (
    select division_count.province_code, division_count."year", place."level", place.kind, place.city_code
    from {{ ref("division_count") }} as division_count
    inner join {{ ref("stg_place") }} as place
        on division_count.province_code = place.province_code
        and coalesce(place.first_year, 0) <= division_count."year"
        and coalesce(place.last_year, 9999) >= division_count."year"
),

found as (
    select
        province_code,
        "year",
        count(*) filter (where "level" = 'prefecture' and kind <> '直辖市') as prefecture_units,
        count(*) filter (where kind = '地级市') as prefecture_cities,
        count(*) filter (where "level" = 'county' and (city_code is null or city_code = province_code)) as county_units
    from standing
    group by province_code, "year"
)

select division_count.province_code, division_count."year", found.*
from {{ ref("division_count") }} as division_count
left join found
    on division_count.province_code = found.province_code and division_count."year" = found."year"
where
    found.prefecture_units is distinct from division_count.prefecture_units
    or found.prefecture_cities is distinct from division_count.prefecture_cities
    or found.county_units is distinct from division_count.county_units
