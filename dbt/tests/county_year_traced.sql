-- A value stands in the table of counties exactly where a chosen observation of a county does.
with long as (
    select entity_code as city_code, "year", indicator, "value"
    from {{ ref("observation") }}
    where chosen and entity_level = 'county'
),

wide as (
    {%- for indicator in registry_of_cities() if indicator in registry_reported() %}
    select city_code, "year", '{{ indicator }}' as indicator, {{ indicator }} as "value"
    from {{ ref("county_year") }}
    where {{ indicator }} is not null
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select city_code, "year", indicator, wide."value" as wide_value, long."value" as long_value
from wide
full join long using (city_code, "year", indicator)
where wide."value" is distinct from long."value"
