-- Empty cells between two reported years, filled on the straight line. An empty cell is required: a year that
-- no file mentions is not a gap in the source and stays out. Edges have no second neighbour and stay out too.
-- Only the vintages a series is made of count, for the empty cell and for its neighbours: a line from one edition to
-- another would be a splice.
with reported as (
    select entity_level, entity_code, indicator, "year", "value"
    from {{ ref("int_observation_reported") }}
    where chosen
),

gap as (
    -- Several files may leave the same cell empty; the one that would have been chosen carries the provenance.
    select missing.*
    from {{ ref("stg_missing_cell") }} as missing
    left join {{ ref("stg_source_file") }} as source_file on missing.file_id = source_file.file_id
    inner join {{ ref("int_series_vintage") }} as series
        on missing.indicator = series.indicator
        and missing.entity_level = series.entity_level
        and missing.vintage = series.vintage
        and series."role" <> 'withheld'
    where
        missing.indicator in ({{ sql_list(registry_fill_linear()) }})
        and not exists (
            select 1
            from reported
            where
                reported.entity_level = missing.entity_level
                and reported.entity_code = missing.entity_code
                and reported.indicator = missing.indicator
                and reported."year" = missing."year"
        )
    qualify row_number() over (
        partition by missing.entity_level, missing.entity_code, missing."year", missing.indicator
        order by {{ most_preferred_first("missing") }}
    ) = 1
),

neighbour as (
    select
        gap.entity_level,
        gap.entity_code,
        gap.indicator,
        gap."year",
        max(reported."year") filter (where reported."year" < gap."year") as year_before,
        min(reported."year") filter (where reported."year" > gap."year") as year_after
    from gap
    inner join reported
        on gap.entity_level = reported.entity_level
        and gap.entity_code = reported.entity_code
        and gap.indicator = reported.indicator
    group by gap.entity_level, gap.entity_code, gap.indicator, gap."year"
)

select
    gap.*,
    earlier."value"
    + (later."value" - earlier."value") * (gap."year" - earlier."year") / (later."year" - earlier."year")
        as "value"
from gap
inner join neighbour
    on gap.entity_level = neighbour.entity_level
    and gap.entity_code = neighbour.entity_code
    and gap.indicator = neighbour.indicator
    and gap."year" = neighbour."year"
inner join reported as earlier
    on neighbour.entity_level = earlier.entity_level
    and neighbour.entity_code = earlier.entity_code
    and neighbour.indicator = earlier.indicator
    and neighbour.year_before = earlier."year"
inner join reported as later
    on neighbour.entity_level = later.entity_level
    and neighbour.entity_code = later.entity_code
    and neighbour.indicator = later.indicator
    and neighbour.year_after = later."year"
