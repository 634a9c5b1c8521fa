-- The vintage kept is the one in the order of vintages before all others that have a figure; a series has exactly one.
with vintage as (
    select
        series.indicator,
        series.entity_level,
        series.vintage,
        series."role",
        min(file.vintage_rank) as vintage_rank
    from {{ ref("series_vintage") }} as series
    inner join {{ ref("stg_source_file") }} as file on series.vintage = file.vintage
    group by series.indicator, series.entity_level, series.vintage, series."role"
)

select indicator, entity_level
from vintage
group by indicator, entity_level
having
    count(*) filter (where "role" = 'kept') <> 1
    or min(vintage_rank) filter (where "role" = 'kept') <> min(vintage_rank)
