-- County-level units of the four municipalities, 2013-2024; no prefecture-level unit stands between.
with expected (province_code, county_units, first_year, last_year) as (
    values
    (110000, 16, 2013, 2024),
    (120000, 16, 2013, 2024),
    (310000, 17, 2013, 2014),
    (310000, 16, 2015, 2024),
    (500000, 38, 2013, 2024)
),

calendar as (
    select unnest(generate_series(2013, 2024)) as "year"
)

select expected.province_code, calendar."year", expected.county_units, found.county_units as found
from expected
inner join calendar on calendar."year" between expected.first_year and expected.last_year
left join {{ ref("division_count") }} as found
    on expected.province_code = found.province_code and calendar."year" = found."year"
where
    found.county_units is distinct from expected.county_units
    or found.prefecture_units <> 0
    or found.prefecture_cities <> 0
