-- Only figures read from files can disagree, so filled ones never stand here. A vintage that has a figure in several
-- files speaks with the one that would be chosen among them. A chained one agrees where only rounding tells it apart.
select
    kept.entity_code,
    kept.entity_level,
    kept."year",
    kept.indicator,
    other.vintage as vintage_other,
    kept.vintage as vintage_kept,
    kept."value" as value_kept,
    other."value" as value_other,
    (other."value" - kept."value") / nullif(abs(kept."value"), 0) as relative_gap,
    cast('declared order of vintages / 按声明的版本优先次序' as varchar) as "rule"
from {{ ref("int_observation_reported") }} as kept
inner join {{ ref("int_observation_reported") }} as other
    on kept.entity_level = other.entity_level
    and kept.entity_code = other.entity_code
    and kept."year" = other."year"
    and kept.indicator = other.indicator
where
    kept.chosen
    and other.chosen_in_vintage
    and kept.vintage <> other.vintage
    and {{ values_differ("kept", "other") }}
order by kept.entity_code, kept.entity_level, kept."year", kept.indicator, other.vintage
