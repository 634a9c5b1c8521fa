-- A pair stands in the origin's list of departures and in the destination's list of arrivals: two readings of one flow.
-- Of all readings of a pair in the same periods one is used: that of the preferred vintage, then of the file with the
-- lowest declared precedence, then the list of arrivals.
select
    flow.*,
    row_number() over reading = 1 as used,
    first_value(flow.flow) over reading as used_flow,
    first_value(flow.direction) over reading as used_direction
from {{ ref("stg_flow") }} as flow
left join {{ ref("stg_source_file") }} as file on flow.file_id = file.file_id
window reading as (
    partition by
        flow.network, flow.origin_code, flow.destination_code, flow.period_first, flow.period_last
    order by file.vintage_rank nulls last, flow.precedence, flow.direction, flow.file_id
    rows between unbounded preceding and unbounded following
)
