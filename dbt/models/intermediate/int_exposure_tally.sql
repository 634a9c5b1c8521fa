-- Pilots of each province by each year, counted in every way a numerator may ask for. A place is the unit of the code
-- it is listed under in all years, so that a place once designated stays designated.
with calendar as (
    select
        study.*,
        cast(calendar."year" as integer) as "year",
        case study.denominator_year when 'fixed_2013' then 2013 else calendar."year" end as counted_year
    from (
        select distinct study, first_year, last_year, denominator, direct_county, timing, denominator_year
        from {{ ref("int_exposure_study") }}
    ) as study
    -- The year before the window too: a regression on the exposure of the year before needs it.
    cross join lateral (select unnest(generate_series(study.first_year - 1, study.last_year)) as "year") as calendar
),

founded as (
    select code as city_code, min(coalesce(first_year, 0)) as first_year
    from {{ ref("stg_place") }}
    where "level" = 'prefecture'
    group by code
),

-- A row per unit of the denominator with a pilot in it; in a municipality per district, or the whole.
unit as (
    select
        calendar.study,
        calendar.denominator,
        calendar.direct_county,
        calendar.timing,
        calendar.denominator_year,
        calendar."year",
        calendar.counted_year,
        entry.province_code,
        entry.place,
        case when entry.place = 'prefecture' then entry.city_code else entry.unit_code end as unit_code,
        count(*) as entries,
        count(distinct entry.unit_code) filter (where entry."level" <> 'prefecture') as counties_listed,
        -- A directly administered county unit is a whole unit of the denominator when listed itself.
        bool_or(
            entry."level" = 'prefecture' or (entry.place = 'direct_county' and entry."level" = 'county')
        ) as is_listed
    from calendar
    inner join {{ ref("int_pilot_entry") }} as entry
        on calendar.study = entry.study and calendar.timing = entry.timing and entry.effective_year <= calendar."year"
    left join founded on entry.city_code = founded.city_code
    where
        entry.place = 'municipality'
        or (entry.place = 'direct_county' and calendar.direct_county = 'own_unit')
        or (
            entry.place = 'prefecture'
            and (
                calendar.denominator = 'divisions'
                -- GB/T 2260: digits three and four of a prefecture-level city; 21-50 are prefectures and leagues.
                -- A code given out after the denominator's year was no city then (林芝市 among the cities of 2013).
                or (
                    (
                        entry.city_code // 100 % 100 between 1 and 20
                        or entry.city_code // 100 % 100 between 51 and 70
                    )
                    and coalesce(founded.first_year, 0) <= calendar.counted_year
                )
            )
        )
    group by all
),

shared as (
    select
        unit.*,
        unit.place = 'prefecture' and not unit.is_listed and prefecture.county_units is null as is_taken_whole,
        -- A town or zone stands for the county-level unit it lies in, a city without such units for its only one.
        case
            when unit.place = 'prefecture' and not unit.is_listed
                then least(1.0, cast(unit.counties_listed as double) / coalesce(prefecture.county_units, 1))
            else cast(1 as double)
        end as share
    from unit
    left join {{ ref("int_exposure_prefecture") }} as prefecture
        on unit.unit_code = prefecture.city_code and unit.counted_year = prefecture."year"
)

select
    study,
    denominator,
    direct_county,
    timing,
    denominator_year,
    province_code,
    "year",
    cast(sum(entries) as integer) as entries,
    cast(count(*) as integer) as covered,
    cast(count(*) filter (where is_listed) as integer) as listed,
    -- In a fixed order, so that the same list gives the same last digit.
    sum(share order by unit_code) as shares,
    cast(count(*) filter (where is_taken_whole) as integer) as taken_whole
from shared
group by study, denominator, direct_county, timing, denominator_year, province_code, "year"
