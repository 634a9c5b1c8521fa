-- Two files of one vintage that list a pair in the same direction and periods give the same flow.
select
    flow.network, flow.direction, flow.origin_code, flow.destination_code, flow.period_first, flow.period_last,
    min(flow.flow) as lowest, max(flow.flow) as highest
from {{ ref("stg_flow") }} as flow
inner join {{ ref("stg_source_file") }} as file on flow.file_id = file.file_id
group by
    flow.network, flow.direction, flow.origin_code, flow.destination_code, flow.period_first, flow.period_last,
    file.vintage
having max(flow.flow) > min(flow.flow)
