-- Two vintages, two values, their gap; and no vintage whose figures all contradict the chosen one is left out. (Where
-- they contradict it in part, its preferred file decides: a unit test of vintage_conflict.)
with figure as (
    select *
    from {{ ref("observation") }}
    where status in ('reported', 'corrected')
),

contradicting as (
    select chosen.entity_level, chosen.entity_code, chosen."year", chosen.indicator, other.vintage as vintage_other
    from figure as chosen
    inner join figure as other
        on chosen.entity_level = other.entity_level
        and chosen.entity_code = other.entity_code
        and chosen."year" = other."year"
        and chosen.indicator = other.indicator
    where chosen.chosen and chosen.vintage <> other.vintage
    group by chosen.entity_level, chosen.entity_code, chosen."year", chosen.indicator, other.vintage
    having bool_and({{ values_differ("chosen", "other") }})
)

select entity_level, entity_code, "year", indicator, vintage_other
from contradicting
anti join {{ ref("vintage_conflict") }} using (entity_level, entity_code, "year", indicator, vintage_other)
union all
select entity_level, entity_code, "year", indicator, vintage_other
from {{ ref("vintage_conflict") }}
where
    vintage_kept = vintage_other
    or value_kept = value_other
    or relative_gap is distinct from (value_other - value_kept) / nullif(abs(value_kept), 0)
