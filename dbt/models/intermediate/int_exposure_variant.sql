-- Exposure under every combination of keys in `stg_study_exposure`, in the study's years and the year before them:
-- pilot units by the year / units in the denominator. A study none of whose programmes is in the pilot lists has no
-- rows: without a list nothing is known, which is not the same as an exposure of zero.
-- A table, because every model of a specification curve reads it.
{{ config(materialized="table") }}

with scale as (
    select
        study.* exclude (is_open),
        province.province_code,
        province.province_code in ({{ registry_municipalities() | join(", ") }}) as is_municipality,
        cast(calendar."year" as integer) as "year",
        division.county_units,
        case
            when province.province_code not in ({{ registry_municipalities() | join(", ") }})
                then
                    case study.denominator
                        when 'divisions' then division.prefecture_units
                        when 'cities' then division.prefecture_cities
                    end
                    + case study.direct_county when 'own_unit' then division.county_units else 0 end
            when study.municipality = 'districts' then division.county_units
            when study.municipality = 'one_city' then 1
        end as total_units
    from {{ ref("int_exposure_study") }} as study
    cross join {{ ref("province") }} as province
    cross join lateral (select unnest(generate_series(study.first_year - 1, study.last_year)) as "year") as calendar
    left join {{ ref("division_count") }} as division
        on division.province_code = province.province_code
        and division."year" = case study.denominator_year when 'fixed_2013' then 2013 else calendar."year" end
    where
        -- Before the first year-end counted there is no denominator, and only a lagged exposure would need one. Beyond
        -- the last one a study that ends at its latest complete year has none yet.
        ((calendar."year" >= study.first_year and study.is_open is not true) or division.province_code is not null)
        and exists (
            select 1
            from {{ ref("int_pilot_listed") }} as pilot
            where list_contains(string_split(study.programmes, '|'), pilot.programme)
        )
),

tally as (
    select
        scale.*,
        coalesce(tally.entries, 0) as entries,
        coalesce(tally.covered, 0) as covered,
        coalesce(tally.listed, 0) as listed,
        coalesce(tally.shares, 0) as shares,
        case when scale.numerator = 'fraction' then coalesce(tally.taken_whole, 0) else 0 end as taken_whole
    from scale
    left join {{ ref("int_exposure_tally") }} as tally
        on scale.study = tally.study
        and scale.denominator = tally.denominator
        and scale.direct_county = tally.direct_county
        and scale.timing = tally.timing
        and scale.denominator_year = tally.denominator_year
        and scale.province_code = tally.province_code
        and scale."year" = tally."year"
),

counted as (
    select
        *,
        case
            when not is_municipality
                then
                    case numerator
                        when 'covered' then covered
                        when 'prefecture_only' then listed
                        when 'fraction' then shares
                        when 'entries' then entries
                    end
            when municipality = 'one_city'
                then
                    case
                        when numerator = 'prefecture_only' then cast(listed > 0 as integer)
                        when numerator = 'fraction' and listed = 0 then covered / county_units
                        else cast(entries > 0 as integer)
                    end
            when numerator = 'entries' then entries
            -- A municipality listed as a whole has all its districts covered.
            when listed > 0 then total_units
            when numerator in ('covered', 'fraction') then covered
            else 0
        end as pilot_units
    from tally
)

select
    study,
    numerator,
    denominator,
    municipality,
    direct_county,
    timing,
    denominator_year,
    preferred,
    province_code,
    "year",
    cast(pilot_units as double) as pilot_units,
    cast(total_units as integer) as total_units,
    cast(pilot_units as double) / nullif(total_units, 0) as exposure,
    cast(taken_whole as integer) as taken_whole
from counted
order by
    study, numerator, denominator, municipality, direct_county, timing, denominator_year, province_code, "year"
