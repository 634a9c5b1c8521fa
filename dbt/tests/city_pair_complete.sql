-- Every pair of the lake stands in city_pair with the sum of the readings used, and no other pair does.
with reading as (
    select network, origin_code, destination_code, sum(flow) as flow
    from {{ ref("int_flow_reading") }}
    where used
    group by network, origin_code, destination_code
)

select reading.network, reading.origin_code, reading.destination_code, reading.flow, pair.flow as published
from reading
full join {{ ref("city_pair") }} as pair
    on reading.network = pair.network
    and reading.origin_code = pair.origin_code
    and reading.destination_code = pair.destination_code
where reading.flow is null or pair.flow is null or abs(reading.flow - pair.flow) > 1e-9 * greatest(1, reading.flow)
