with input (indicator, input_indicator, formula) as (
    values
    {%- for indicator in registry_reported() + registry_by_facility() %}
    ('{{ indicator }}', '{{ indicator }}', null){{ "," if not loop.last or registry_derived() }}
    {%- endfor %}
    {%- for indicator in registry_derived() %}
    {%- set last_indicator = loop.last %}
    {%- for name in indicator.inputs %}
    ('{{ indicator.id }}', '{{ name }}', '{{ indicator.formula }}'){{ "," if not (loop.last and last_indicator) }}
    {%- endfor %}
    {%- endfor %}
)

select
    cast(indicator as varchar) as indicator,
    cast(input_indicator as varchar) as input_indicator,
    cast(formula as varchar) as formula
from input
order by indicator, input_indicator
