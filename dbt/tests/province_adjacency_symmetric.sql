-- A border has two sides, and one kind.
select adjacency.*
from {{ ref("province_adjacency") }} as adjacency
left join {{ ref("province_adjacency") }} as mirror
    on adjacency.province_code = mirror.neighbour_code
    and adjacency.neighbour_code = mirror.province_code
    and adjacency.kind = mirror.kind
where mirror.province_code is null or adjacency.province_code = adjacency.neighbour_code
