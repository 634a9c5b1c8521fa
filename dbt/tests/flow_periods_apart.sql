-- Files of one network cover the same periods or periods that do not meet: otherwise flows would be added up twice.
with span as (
    select distinct
        network,
        period_first,
        period_last,
        left(period_first || '-01-01', 10) as starts,
        left(period_last || case length(period_last) when 4 then '-12-31' when 7 then '-31' else '' end, 10) as ends
    from {{ ref("stg_flow") }}
)

select one.network, one.period_first, one.period_last, other.period_first as other_first, other.period_last as other_last
from span as one
inner join span as other
    on one.network = other.network
    and (one.period_first, one.period_last) < (other.period_first, other.period_last)
    and one.starts <= other.ends
    and other.starts <= one.ends
