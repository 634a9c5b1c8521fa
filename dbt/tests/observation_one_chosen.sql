-- Each figure has exactly one chosen row.
select entity_code, "year", indicator, count(*) filter (where chosen) as chosen_rows
from {{ ref("observation") }}
group by entity_code, "year", indicator
having count(*) filter (where chosen) <> 1
