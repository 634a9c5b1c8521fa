with figure as (
    select entity_code as province_code, "year", indicator, "value"
    from {{ ref("observation") }}
    where chosen and entity_level = 'province'
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
