-- Exposure by the keys of each study in `study_exposure`: pilot units by the year / units in the denominator.
-- A place once designated stays designated. A study none of whose programmes is in the pilot lists has no rows:
-- without a list nothing is known, which is not the same as an exposure of zero.
with scale as (
    select
        study.study,
        study.numerator,
        study.municipality,
        province.province_code,
        province.province_code in ({{ registry_municipalities() | join(", ") }}) as is_municipality,
        cast(calendar."year" as integer) as "year",
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
    from {{ ref("study_exposure") }} as study
    cross join {{ ref("province") }} as province
    cross join lateral (select unnest(generate_series(study.first_year, study.last_year)) as "year") as calendar
    left join {{ ref("division_count") }} as division
        on division.province_code = province.province_code
        and division."year" = case study.denominator_year when 'fixed_2013' then 2013 else calendar."year" end
    where exists (
        select 1
        from {{ ref("stg_pilot") }} as pilot
        where list_contains(string_split(study.programmes, '|'), pilot.programme)
    )
),

tally as (
    select
        scale.study,
        scale.province_code,
        scale."year",
        count(entry.unit_code) as entries,
        count(distinct entry.city_code) filter (where entry.place = 'prefecture') as cities_covered,
        count(distinct entry.city_code)
            filter (where entry.place = 'prefecture' and entry."level" = 'prefecture') as cities_listed,
        count(distinct entry.unit_code) filter (where entry.place = 'direct_county') as direct_covered,
        count(distinct entry.unit_code)
            filter (where entry.place = 'direct_county' and entry."level" in ('county', 'prefecture')) as direct_listed,
        count(distinct entry.unit_code) filter (where entry.place = 'municipality') as districts_covered,
        count(entry.unit_code)
            filter (where entry.place = 'municipality' and entry."level" = 'prefecture') > 0 as whole_listed
    from scale
    left join {{ ref("int_pilot_entry") }} as entry
        on entry.study = scale.study
        and entry.province_code = scale.province_code
        and entry.effective_year <= scale."year"
    group by scale.study, scale.province_code, scale."year"
),

counted as (
    select
        scale.study,
        scale.province_code,
        scale."year",
        scale.total_units,
        case
            when not scale.is_municipality
                then
                    case scale.numerator
                        when 'covered' then tally.cities_covered + tally.direct_covered
                        -- A directly administered county unit is a whole unit of the denominator when listed itself.
                        when 'prefecture_only' then tally.cities_listed + tally.direct_listed
                        when 'entries' then tally.entries
                    end
            when scale.municipality = 'one_city'
                then
                    case scale.numerator
                        when 'prefecture_only' then cast(tally.whole_listed as integer)
                        else cast(tally.entries > 0 as integer)
                    end
            when scale.numerator = 'entries' then tally.entries
            when tally.whole_listed then scale.total_units
            when scale.numerator = 'covered' then tally.districts_covered
            else 0
        end as pilot_units
    from scale
    inner join tally
        on scale.study = tally.study
        and scale.province_code = tally.province_code
        and scale."year" = tally."year"
)

select
    study,
    province_code,
    "year",
    cast(pilot_units as integer) as pilot_units,
    cast(total_units as integer) as total_units,
    cast(pilot_units as double) / nullif(total_units, 0) as exposure
from counted
order by study, province_code, "year"
