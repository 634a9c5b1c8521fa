-- Every year-end counts all 31 provinces, and no year-end between the first and the last is left out.
with years as (
    select
        "year",
        count(*) as provinces,
        count(*) filter (where province_code in (select province_code from {{ ref("province") }})) as known,
        lag("year") over (order by "year") as "before"
    from {{ ref("division_count") }}
    group by "year"
)

select "year", provinces, "before"
from years
where provinces <> 31 or known <> 31 or "before" <> "year" - 1
