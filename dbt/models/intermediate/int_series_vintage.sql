-- Which vintages make up the series of an indicator: the most preferred one that has any figure of it, and those that
-- sources.yaml declares to be spliced with that one. All others are withheld, whatever years they alone have: a revision
-- between two years would look like a change.
-- One choice for the indicator and level, not for each place: a panel with thirty provinces of one edition and one of
-- another is a splice too, across space.
-- Preference goes by the order of vintages alone, whatever the number of figures: the declared order is the user's.
-- A table, because four models read it.
{{ config(materialized="table") }}

with vintage as (
    select
        figure.indicator,
        figure.entity_level,
        figure.vintage,
        min(source_file.vintage_rank) as vintage_rank
    from {{ ref("stg_observation") }} as figure
    left join {{ ref("stg_source_file") }} as source_file on figure.file_id = source_file.file_id
    group by figure.indicator, figure.entity_level, figure.vintage
),

ranked as (
    select
        *,
        first_value(vintage) over (
            partition by indicator, entity_level order by vintage_rank nulls last, vintage
        ) as vintage_kept
    from vintage
)

select
    ranked.indicator,
    ranked.entity_level,
    ranked.vintage,
    ranked.vintage_rank,
    case
        when ranked.vintage = ranked.vintage_kept then 'kept'
        -- One indicator has one splice at most, so two vintages declared for it belong together.
        when own.vintage is not null and kept.vintage is not null then 'spliced'
        else 'withheld'
    end as "role",
    case when kept.vintage is not null then own.reason end as splice_reason
from ranked
left join {{ ref("stg_declared_splice") }} as own
    on ranked.indicator = own.indicator and ranked.vintage = own.vintage
left join {{ ref("stg_declared_splice") }} as kept
    on ranked.indicator = kept.indicator and ranked.vintage_kept = kept.vintage
