-- In a municipality county-level units lie directly under the province, as many as the codes of its places say, and no
-- prefecture-level unit stands between.
with found as (
    select division_count.province_code, division_count."year", count(distinct place.code) as county_units
    from {{ ref("division_count") }} as division_count
    left join {{ ref("stg_place") }} as place
        on division_count.province_code = place.code // 10000 * 10000
        and place.code % 10000 <> 0
        and coalesce(place.first_year, 0) <= division_count."year"
        and coalesce(place.last_year, 9999) >= division_count."year"
    where division_count.province_code in ({{ registry_municipalities() | join(", ") }})
    group by all
)

select division_count.*, found.county_units as found
from {{ ref("division_count") }} as division_count
inner join found
    on division_count.province_code = found.province_code and division_count."year" = found."year"
where
    division_count.county_units is distinct from found.county_units
    or division_count.county_units = 0
    or division_count.prefecture_units <> 0
    or division_count.prefecture_cities <> 0
