-- Without a date and a label year an entry would silently never take effect.
select *
from {{ ref("pilot") }}
where announced_on is null or label_year is null
