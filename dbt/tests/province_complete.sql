-- 31 provinces, in the yearbook's split of 11 eastern, 8 central and 12 western.
with expected (region, provinces) as (
    values ('east', 11), ('central', 8), ('west', 12)
),

found as (
    select region, count(*) as provinces
    from {{ ref("province") }}
    group by region
)

select region, expected.provinces as expected, found.provinces as found
from expected
full join found using (region)
where expected.provinces is distinct from found.provinces
