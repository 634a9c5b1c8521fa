-- What a conflict says was kept is what stands: in observation as chosen, and for a province in province_year.
with wide as (
    {{ lengthened(ref("province_year"), ["province_code", '"year"']) }}
)

select conflict.*, chosen.vintage as chosen_vintage, chosen."value" as chosen_value, wide."value" as panel_value
from {{ ref("vintage_conflict") }} as conflict
left join {{ ref("observation") }} as chosen
    on conflict.entity_level = chosen.entity_level
    and conflict.entity_code = chosen.entity_code
    and conflict."year" = chosen."year"
    and conflict.indicator = chosen.indicator
    and chosen.chosen
left join wide
    on conflict.entity_code = wide.province_code
    and conflict."year" = wide."year"
    and conflict.indicator = wide.indicator
where
    conflict.value_kept is distinct from chosen."value"
    or conflict.vintage_kept is distinct from chosen.vintage
    or (
        chosen.entity_level = 'province'
        and conflict.indicator not in ({{ sql_list(registry_by_facility()) }})
        and conflict.value_kept is distinct from wide."value"
    )
