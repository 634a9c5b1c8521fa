with figure as (
    select entity_code as province_code, "year", indicator, "value"
    from {{ ref("observation") }}
    -- Figures by type of facility have no column here, nor do they make a row.
    where chosen and entity_level = 'province' and indicator not in ({{ sql_list(registry_by_facility()) }})
),

{{ widened("figure", ["province_code", '"year"']) }}

select
    province_code,
    "year"
    {%- for indicator in registry_indicators() %},
    {{ indicator }}
    {%- endfor %}
from derived
order by province_code, "year"
