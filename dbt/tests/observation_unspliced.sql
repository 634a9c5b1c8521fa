-- A series holds figures of one vintage, or of vintages that are all declared for its indicator; filled ones included.
with used as (
    select distinct indicator, entity_level, vintage
    from {{ ref("observation") }}
    where chosen
)

select used.indicator, used.entity_level, used.vintage
from used
left join {{ ref("stg_declared_splice") }} as declared
    on used.indicator = declared.indicator and used.vintage = declared.vintage
qualify
    count(*) over (partition by used.indicator, used.entity_level) > 1
    and declared.vintage is null
