-- County-level units of every prefecture-level unit at each year-end of `division_count`, from the list of places.
-- A unit under a code of other years (山南地区 after it became 山南市), or divided into districts later (三亚市 before
-- 2014), has the number of the nearest year-end it has any. Four cities never have any (东莞, 中山, 嘉峪关, 儋州: their
-- towns lie directly under the city) and are not here.
with calendar as (
    select distinct "year"
    from {{ ref("division_count") }}
),

standing as (
    select place.city_code, calendar."year", count(distinct place.code) as county_units
    from {{ ref("stg_place") }} as place
    inner join calendar
        on coalesce(place.first_year, 0) <= calendar."year" and coalesce(place.last_year, 9999) >= calendar."year"
    where
        place."level" = 'county'
        and place.city_code is not null
        and place.province_code not in ({{ registry_municipalities() | join(", ") }})
    group by place.city_code, calendar."year"
)

select
    standing.city_code,
    cast(calendar."year" as integer) as "year",
    cast(
        -- Of two years equally near the earlier.
        arg_min(
            standing.county_units,
            2 * abs(standing."year" - calendar."year") + cast(standing."year" > calendar."year" as integer)
        ) as integer
    ) as county_units
from calendar
cross join standing
group by standing.city_code, calendar."year"
