-- Every prefecture-level unit has coordinates, no farther from its province's capital than the province is wide.
-- 1.6 times the side of a square of its area is more than any unit needs but Sansha, which lies at sea.
with measured as (
    select
        city.city_code,
        city.lon,
        city.lat,
        province.area_km2,
        2 * 6371 * asin(sqrt(
            pow(sin(radians(city.lat - province.lat) / 2), 2)
            + cos(radians(city.lat)) * cos(radians(province.lat))
            * pow(sin(radians(city.lon - province.lon) / 2), 2)
        )) as distance_km
    from {{ ref("city") }} as city
    inner join {{ ref("province") }} as province on city.province_code = province.province_code
    where city."level" = 'prefecture' and city.last_year is null
)

select *
from measured
where
    distance_km is null
    or (city_code <> 460300 and distance_km > 1.6 * sqrt(area_km2))
    or (city_code = 460300 and distance_km > 500)
