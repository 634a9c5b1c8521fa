-- A prefecture-level city is a prefecture-level unit.
select *
from {{ ref("division_count") }}
where prefecture_cities > prefecture_units
