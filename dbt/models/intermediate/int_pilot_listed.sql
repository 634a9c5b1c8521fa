-- The entries of pilot lists that stand: no later list of their vintage has taken the place of theirs.
select * exclude (superseded_by)
from {{ ref("stg_pilot") }}
where superseded_by is null
