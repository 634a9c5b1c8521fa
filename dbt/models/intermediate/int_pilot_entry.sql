-- The entries of the pilot lists that count in each study, with the year from which they do under each timing.
-- Extensions never add a place. A place listed again in a later batch of its programme keeps the earliest.
with reading as (
    select distinct study, programmes, timing
    from {{ ref("stg_study_exposure") }}
),

entry as (
    select
        reading.study,
        reading.timing,
        pilot.programme,
        pilot.batch,
        pilot.unit_code,
        pilot.city_code,
        pilot.province_code,
        pilot."level",
        case
            when pilot.province_code in ({{ registry_municipalities() | join(", ") }}) then 'municipality'
            when pilot.city_code is not null then 'prefecture'
            when pilot.unit_code // 100 % 100 = 90 then 'direct_county'
        end as place,
        case reading.timing
            when 'label' then pilot.label_year
            when 'announcement' then year(pilot.announced_on)
            -- Half a year of being a pilot makes the year count, so 30 June is still this year.
            when 'half_year'
                then year(pilot.announced_on) + case when month(pilot.announced_on) <= 6 then 0 else 1 end
        end as effective_year
    from reading
    inner join {{ ref("int_pilot_listed") }} as pilot
        on list_contains(string_split(reading.programmes, '|'), pilot.programme)
    where pilot.status = 'new'
)

select
    study,
    timing,
    programme,
    batch,
    unit_code,
    city_code,
    province_code,
    "level",
    place,
    cast(effective_year as integer) as effective_year
from entry
where place is not null
qualify row_number() over (
    partition by study, timing, programme, unit_code, "level"
    order by effective_year, batch
) = 1
