-- Editions a splice chains, place by place: each overlap year of an edition with the next more preferred one that has
-- figures at the level, and the factor that takes the edition to the level of the most preferred one. As in
-- int_series_vintage, the order of vintages decides; a vintage with several files speaks with the row that would stand.
with figure as (
    select figure.*, source_file.vintage_rank
    from {{ ref("stg_observation") }} as figure
    inner join {{ ref("stg_declared_splice") }} as declared
        on figure.indicator = declared.indicator
        and figure.vintage = declared.vintage
        and declared.link = 'chain'
    left join {{ ref("stg_source_file") }} as source_file on figure.file_id = source_file.file_id
    qualify row_number() over (
        partition by figure.entity_level, figure.entity_code, figure."year", figure.indicator, figure.vintage
        order by {{ most_preferred_first("figure") }}
    ) = 1
),

vintage as (
    select
        indicator,
        entity_level,
        vintage,
        lag(vintage) over (
            partition by indicator, entity_level order by min(vintage_rank) nulls last, vintage
        ) as vintage_linked_to,
        row_number() over (partition by indicator, entity_level order by min(vintage_rank) nulls last, vintage) as place
    from figure
    group by indicator, entity_level, vintage
),

overlap as (
    select
        vintage.vintage_linked_to,
        vintage.place,
        own.*,
        linked_to."value" as value_linked_to,
        linked_to.file_id as file_id_linked_to,
        linked_to.sheet as sheet_linked_to,
        linked_to.cell as cell_linked_to,
        linked_to."value" / nullif(own."value", 0) as ratio
    from vintage
    inner join figure as own
        on vintage.indicator = own.indicator
        and vintage.entity_level = own.entity_level
        and vintage.vintage = own.vintage
    inner join figure as linked_to
        on own.indicator = linked_to.indicator
        and own.entity_level = linked_to.entity_level
        and own.entity_code = linked_to.entity_code
        and own."year" = linked_to."year"
        and vintage.vintage_linked_to = linked_to.vintage
),

-- Added up in the order of years, so that the same figures give the same bytes.
link as (
    select
        indicator,
        entity_level,
        entity_code,
        vintage,
        place,
        sum(ratio order by "year") / count(*) as mean_ratio
    from overlap
    group by indicator, entity_level, entity_code, vintage, place
),

chained as (
    select
        *,
        product(mean_ratio) over (
            partition by indicator, entity_level, entity_code order by place
            rows between unbounded preceding and current row
        ) as factor
    from link
)

select
    overlap.indicator,
    overlap.entity_level,
    overlap.entity_code,
    overlap.vintage,
    overlap.vintage_linked_to,
    overlap."year",
    overlap."value",
    overlap.value_linked_to,
    overlap.ratio,
    chained.mean_ratio,
    chained.factor,
    overlap.file_id,
    overlap.sheet,
    overlap.cell,
    overlap.file_id_linked_to,
    overlap.sheet_linked_to,
    overlap.cell_linked_to
from overlap
inner join chained
    on overlap.indicator = chained.indicator
    and overlap.entity_level = chained.entity_level
    and overlap.entity_code = chained.entity_code
    and overlap.vintage = chained.vintage
order by overlap.indicator, overlap.entity_level, overlap.entity_code, overlap.vintage, overlap."year"
