with figure as (
    select *
    from {{ ref("int_observation_reported") }}
    union all by name
    select *, 'interpolated' as status, true as chosen
    from {{ ref("int_observation_interpolated") }}
    union all by name
    select *, 'carried' as status, true as chosen
    from {{ ref("int_observation_carried") }}
)

select
    entity_code,
    "year",
    indicator,
    vintage,
    file_id,
    entity_level,
    "value",
    unit,
    cast(status as varchar) as status,
    cast(chosen as boolean) as chosen,
    sheet,
    cell,
    header,
    raw,
    raw_unit,
    link_factor
from figure
order by entity_code, "year", indicator, vintage, file_id
