-- Divisions of each province and year-end. A year after the record's last, up to the last that figures or a study
-- speak of, repeats it and says so; a list of divisions of that year was accepted only if it has the same units.
with record as (
    select max("year") as last_year
    from {{ ref("stg_division_count") }}
),

asked as (
    select max("year") as last_year
    from {{ ref("stg_observation") }}
    where entity_level <> 'nation'
    union all
    select max(last_year) as last_year
    from {{ ref("stg_study_exposure") }}
),

later as (
    select unnest(generate_series(record.last_year + 1, asked.last_year)) as "year"
    from record
    cross join (select max(last_year) as last_year from asked) as asked
),

confirmed as (
    select distinct "year"
    from {{ ref("stg_division") }}
)

select
    province_code,
    "year",
    prefecture_units,
    prefecture_cities,
    county_units,
    cast(null as integer) as carried_from
from {{ ref("stg_division_count") }}

union all

select
    last.province_code,
    cast(later."year" as integer) as "year",
    last.prefecture_units,
    last.prefecture_cities,
    last.county_units,
    case when confirmed."year" is null then last."year" end as carried_from
from record
inner join {{ ref("stg_division_count") }} as last on record.last_year = last."year"
cross join later
left join confirmed on later."year" = confirmed."year"
order by province_code, "year"
