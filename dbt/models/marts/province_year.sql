-- Derived columns need the reported ones by name, hence two steps. A formula over a missing input is NULL.
with reported as (
    select
        entity_code as province_code,
        "year"
        {%- for indicator in registry_reported() %},
        max("value") filter (where indicator = '{{ indicator }}') as {{ indicator }}
        {%- endfor %}
    from {{ ref("observation") }}
    where chosen and entity_level = 'province'
    group by entity_code, "year"
),

derived as (
    select
        *
        {%- for indicator in registry_derived() %},
        cast({{ indicator.sql }} as double) as {{ indicator.id }}
        {%- endfor %}
    from reported
)

select
    province_code,
    "year"
    {%- for indicator in registry_indicators() %},
    {{ indicator }}
    {%- endfor %}
from derived
order by province_code, "year"
