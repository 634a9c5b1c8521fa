{# The order among rows of one figure, and its widening to one column per indicator. Which rows there are is the
   models' business; which indicators there are, generated/registry.sql's. #}

{# For `order by`, most preferred row first: the preferred vintage, then the latest download, in it what nothing replaced
   as a whole, then the first file in order of its id, then the first cell. `row` is a relation with file_id, sheet, row and cell, joined to stg_source_file as source_file. #}
{% macro most_preferred_first(row) -%}
  source_file.vintage_rank nulls last, source_file.download desc nulls last, source_file.superseded_by is not null,
  {{ row }}.file_id, {{ row }}.sheet, {{ row }}."row", {{ row }}.cell
{%- endmacro %}

{# Whether two figures of one place and year differ. One that is chained to the other went through a division and a
   multiplication, which may leave it a hair beside the figure it is to equal. #}
{% macro values_differ(one, other) -%}
  {{ one }}."value" <> {{ other }}."value"
    and (
        coalesce({{ one }}.link_factor, {{ other }}.link_factor) is null
        or abs({{ one }}."value" - {{ other }}."value") > 1e-9 * abs({{ one }}."value")
    )
{%- endmacro %}

{# Two CTEs, reported and derived, over a relation with the columns `keys`, indicator and value. Derived columns need
   the reported ones by name, hence two steps. A formula over a missing input is NULL. #}
{% macro widened(figure, keys) -%}
reported as (
    select
        {{ keys | join(", ") }}
        {%- for indicator in registry_reported() %},
        max("value") filter (where indicator = '{{ indicator }}') as {{ indicator }}
        {%- endfor %}
    from {{ figure }}
    group by {{ keys | join(", ") }}
),

derived as (
    select
        *
        {%- for indicator in registry_derived() %},
        cast({{ indicator.sql }} as double) as {{ indicator.id }}
        {%- endfor %}
    from reported
)
{%- endmacro %}

{# The widened relation the other way round: rows of `keys`, indicator and value for the reported indicators. #}
{% macro lengthened(wide, keys) -%}
  {%- for indicator in registry_reported() %}
    select {{ keys | join(", ") }}, '{{ indicator }}' as indicator, {{ indicator }} as "value"
    from {{ wide }}
    where {{ indicator }} is not null
    {{ "union all" if not loop.last }}
  {%- endfor %}
{%- endmacro %}

{# The chosen figures of places of one `level` below the province, city or county, by the unit's code. #}
{% macro chosen_of(level) -%}
    select entity_code as city_code, "year", indicator, "value"
    from {{ ref("observation") }}
    where chosen and entity_level = '{{ level }}'
{%- endmacro %}

{# The model of a level: one row for each of its places and years. #}
{% macro place_year(level) -%}
with figure as (
{{ chosen_of(level) }}
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
{%- endmacro %}

{# Figures of which one stands in `wide`, the model of a level, and another, or none, in the chosen observations. #}
{% macro not_traced(wide, level) -%}
with long as (
{{ chosen_of(level) }}
),

wide as (
    {%- for indicator in registry_of_cities() if indicator in registry_reported() %}
    select city_code, "year", '{{ indicator }}' as indicator, {{ indicator }} as "value"
    from {{ wide }}
    where {{ indicator }} is not null
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select city_code, "year", indicator, wide."value" as wide_value, long."value" as long_value
from wide
full join long using (city_code, "year", indicator)
where wide."value" is distinct from long."value"
{%- endmacro %}
