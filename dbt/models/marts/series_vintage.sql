-- A figure counts once in its vintage, in however many files it stands.
with figure as (
    select
        figure.indicator,
        figure.entity_level,
        figure.vintage,
        figure."year",
        figure.chosen,
        source_file.download,
        bool_or(figure.chosen) over (
            partition by figure.entity_level, figure.entity_code, figure."year", figure.indicator
        ) as stands
    from {{ ref("int_observation_reported") }} as figure
    left join {{ ref("stg_source_file") }} as source_file on figure.file_id = source_file.file_id
    where figure.chosen_in_vintage
),

revised as (
    select indicator, entity_level, vintage, count(*) as revised
    from {{ ref("revision") }}
    where value_now is not null
    group by indicator, entity_level, vintage
),

-- The most preferred vintage that was to give a series and gave no figure, because all were refused.
refused_vintage as (
    select kept.indicator, kept.entity_level, offer.vintage, offer.problem, offer.fallback
    from {{ ref("int_series_vintage") }} as kept
    inner join {{ ref("stg_refused_offer") }} as offer
        on kept.indicator = offer.indicator
        and kept.entity_level = offer.entity_level
        and offer.vintage_rank < kept.vintage_rank
    where kept."role" = 'kept'
    qualify row_number() over (
        partition by kept.indicator, kept.entity_level
        order by offer.fallback = 'allow', offer.vintage_rank, offer.file_id
    ) = 1
)

select
    series.indicator,
    series.entity_level,
    series.vintage,
    cast(series."role" as varchar) as "role",
    cast(min(figure."year") as integer) as first_year,
    cast(max(figure."year") as integer) as last_year,
    cast(count(*) as integer) as figures,
    cast(count(*) filter (where figure.chosen) as integer) as chosen,
    cast(count(*) filter (where not figure.stands) as integer) as withheld,
    cast(
        case series."role"
            when 'kept' then 'most preferred vintage with a figure of the indicator / 次序最先且有该指标数值的版本'
            when 'spliced' then series.splice_reason
            else 'no splice with the vintage kept is declared / 未声明与所采用版本衔接'
        end as varchar
    ) as reason,
    cast(count(distinct figure.download) filter (where figure.chosen) as integer) as downloads,
    cast(coalesce(any_value(revised.revised), 0) as integer) as revised,
    any_value(refused_vintage.vintage) as refused_vintage,
    any_value(refused_vintage.problem) as refused_because,
    any_value(refused_vintage.fallback) as fallback
from {{ ref("int_series_vintage") }} as series
inner join figure
    on series.indicator = figure.indicator
    and series.entity_level = figure.entity_level
    and series.vintage = figure.vintage
left join revised
    on series.indicator = revised.indicator
    and series.entity_level = revised.entity_level
    and series.vintage = revised.vintage
left join refused_vintage
    on series."role" = 'kept'
    and series.indicator = refused_vintage.indicator
    and series.entity_level = refused_vintage.entity_level
group by series.indicator, series.entity_level, series.vintage, series."role", series.splice_reason
order by series.indicator, series.entity_level, series.vintage
