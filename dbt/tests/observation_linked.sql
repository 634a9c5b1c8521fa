-- A figure of an edition that a splice chains is the figure read times the factor of its place, and has one wherever a
-- more preferred edition of the splice has figures at its level; no other figure has a factor. The factor is the mean
-- ratio of the place's overlap years times the factor of the edition linked to, and each ratio is that of two cells.
with declared as (
    select series.indicator, series.entity_level, series.vintage, min(source_file.vintage_rank) as vintage_rank
    from {{ ref("series_vintage") }} as series
    inner join {{ ref("stg_declared_splice") }} as splice
        on series.indicator = splice.indicator and series.vintage = splice.vintage and splice.link = 'chain'
    inner join {{ ref("stg_source_file") }} as source_file on series.vintage = source_file.vintage
    group by series.indicator, series.entity_level, series.vintage
),

linked as (
    select *
    from declared
    qualify row_number() over (partition by indicator, entity_level order by vintage_rank) > 1
),

place as (
    select
        indicator,
        entity_level,
        entity_code,
        vintage,
        any_value(vintage_linked_to) as vintage_linked_to,
        avg(value_linked_to / nullif("value", 0)) as mean_ratio,
        max(factor) as factor,
        min(factor) as smallest
    from {{ ref("series_link") }}
    group by indicator, entity_level, entity_code, vintage
),

figure as (
    select
        figure.*,
        stg."value" as value_read,
        place.factor,
        linked.vintage is not null as is_linked
    from {{ ref("observation") }} as figure
    left join {{ ref("stg_observation") }} as stg
        on figure.file_id = stg.file_id
        and figure.sheet = stg.sheet
        and figure.cell = stg.cell
        and figure.entity_code = stg.entity_code
        and figure.entity_level = stg.entity_level
        and figure.indicator = stg.indicator
        and figure."year" = stg."year"
    left join linked
        on figure.indicator = linked.indicator
        and figure.entity_level = linked.entity_level
        and figure.vintage = linked.vintage
    left join place
        on figure.indicator = place.indicator
        and figure.entity_level = place.entity_level
        and figure.entity_code = place.entity_code
        and figure.vintage = place.vintage
    where figure.status in ('reported', 'corrected')
)

select indicator, entity_level, entity_code, vintage, "year", 'figure' as fault
from figure
where
    (is_linked and (factor is null or not factor > 0))
    or link_factor is distinct from factor
    or abs("value" - value_read * coalesce(factor, 1)) > 1e-9 * abs("value")
union all
select place.indicator, place.entity_level, place.entity_code, place.vintage, null as "year", 'factor' as fault
from place
left join place as before
    on place.indicator = before.indicator
    and place.entity_level = before.entity_level
    and place.entity_code = before.entity_code
    and place.vintage_linked_to = before.vintage
where
    place.mean_ratio is null
    or place.factor <> place.smallest
    or abs(place.factor - place.mean_ratio * coalesce(before.factor, 1)) > 1e-9 * abs(place.factor)
union all
select link.indicator, link.entity_level, link.entity_code, link.vintage, link."year", 'cell' as fault
from {{ ref("series_link") }} as link
left join {{ ref("stg_observation") }} as own
    on link.file_id = own.file_id
    and link.sheet = own.sheet
    and link.cell = own.cell
    and link.entity_code = own.entity_code
    and link.indicator = own.indicator
    and link."year" = own."year"
left join {{ ref("stg_observation") }} as linked_to
    on link.file_id_linked_to = linked_to.file_id
    and link.sheet_linked_to = linked_to.sheet
    and link.cell_linked_to = linked_to.cell
    and link.entity_code = linked_to.entity_code
    and link.indicator = linked_to.indicator
    and link."year" = linked_to."year"
where own."value" is distinct from link."value" or linked_to."value" is distinct from link.value_linked_to
