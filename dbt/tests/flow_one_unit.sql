-- Flows of one network are of one unit: persons and index points cannot be added.
select network, string_agg(distinct unit, ', ' order by unit) as units
from {{ ref("stg_flow") }}
group by network
having count(distinct unit) > 1
