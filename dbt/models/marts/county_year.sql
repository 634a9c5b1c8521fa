with figure as (
    select entity_code as city_code, "year", indicator, "value"
    from {{ ref("observation") }}
    where chosen and entity_level = 'county'
),

{{ widened("figure", ["city_code", '"year"']) }}

select
    city_code,
    "year"
    {%- for indicator in registry_of_cities() %},
    {{ indicator }}
    {%- endfor %}
from derived
order by city_code, "year"
