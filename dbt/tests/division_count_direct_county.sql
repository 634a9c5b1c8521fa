-- County-level units directly under a province, 2013-2024; every province not named here has none.
with named (province_code, county_units, first_year, last_year) as (
    values
    (410000, 1, 2013, 2024),
    (420000, 4, 2013, 2024),
    (460000, 16, 2013, 2014),
    (460000, 15, 2015, 2024),
    (650000, 6, 2013, 2013),
    (650000, 7, 2014, 2014),
    (650000, 8, 2015, 2015),
    (650000, 9, 2016, 2018),
    (650000, 10, 2019, 2020),
    (650000, 11, 2021, 2022),
    (650000, 12, 2023, 2024)
),

expected as (
    select province.province_code, calendar."year", coalesce(named.county_units, 0) as county_units
    from {{ ref("province") }} as province
    cross join (select unnest(generate_series(2013, 2024)) as "year") as calendar
    left join named
        on province.province_code = named.province_code
        and calendar."year" between named.first_year and named.last_year
    where province.province_code not in ({{ registry_municipalities() | join(", ") }})
)

select expected.province_code, expected."year", expected.county_units, found.county_units as found
from expected
left join {{ ref("division_count") }} as found
    on expected.province_code = found.province_code and expected."year" = found."year"
where found.county_units is distinct from expected.county_units
