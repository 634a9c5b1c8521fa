-- National totals of prefecture-level divisions and cities at 31 December, from the year-end code lists.
with expected ("year", divisions, cities) as (
    values
    (2010, 333, 283),
    (2011, 332, 284),
    (2012, 333, 285),
    (2013, 333, 286),
    (2014, 333, 288),
    (2015, 334, 291),
    (2016, 334, 293),
    (2017, 334, 294),
    (2018, 333, 293),
    (2019, 333, 293),
    (2020, 333, 293),
    (2021, 333, 293),
    (2022, 333, 293),
    (2023, 333, 293),
    (2024, 333, 293)
),

found as (
    select
        "year",
        count(*) as provinces,
        sum(prefecture_units) as divisions,
        sum(prefecture_cities) as cities
    from {{ ref("division_count") }}
    group by "year"
)

select "year", expected.divisions, found.divisions as found_divisions, expected.cities, found.cities as found_cities
from expected
full join found using ("year")
where
    expected.divisions is distinct from found.divisions
    or expected.cities is distinct from found.cities
    or found.provinces is distinct from 31
