-- province_year as it would be with another vintage preferred, for each vintage that stands in a conflict. Figures
-- the vintage does not have, filled ones included, are those of province_year; derived columns follow.
-- A table, because every study reads it.
{{ config(materialized="table") }}

with vintage as (
    select distinct vintage_other as vintage
    from {{ ref("vintage_conflict") }}
),

figure as (
    select
        vintage.vintage,
        kept.entity_code as province_code,
        kept."year",
        kept.indicator,
        coalesce(other."value", kept."value") as "value"
    from {{ ref("observation") }} as kept
    cross join vintage
    left join {{ ref("int_observation_reported") }} as other
        on other.chosen_in_vintage
        and vintage.vintage = other.vintage
        and kept.entity_code = other.entity_code
        and kept."year" = other."year"
        and kept.indicator = other.indicator
    where kept.chosen and kept.entity_level = 'province'
),

{{ widened("figure", ["vintage", "province_code", '"year"']) }}

select
    vintage,
    province_code,
    "year"
    {%- for indicator in registry_indicators() %},
    {{ indicator }}
    {%- endfor %}
from derived
order by vintage, province_code, "year"
