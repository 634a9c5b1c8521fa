-- 69 unordered pairs: 68 land borders and, by convention, Guangdong-Hainan.
with pair as (
    select distinct
        least(province_code, neighbour_code) as first_code,
        greatest(province_code, neighbour_code) as second_code,
        kind
    from {{ ref("province_adjacency") }}
),

counted as (
    select
        count(*) as pairs,
        count(*) filter (where kind = 'land') as land,
        count(*) filter (where kind = 'convention') as convention,
        count(*) filter (
            where kind = 'convention' and first_code = 440000 and second_code = 460000
        ) as guangdong_hainan
    from pair
)

select *
from counted
where pairs <> 69 or land <> 68 or convention <> 1 or guangdong_hainan <> 1
