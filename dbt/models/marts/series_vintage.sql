-- A figure counts once in its vintage, in however many files it stands.
with figure as (
    select
        figure.indicator,
        figure.entity_level,
        figure.vintage,
        figure."year",
        figure.chosen,
        bool_or(figure.chosen) over (
            partition by figure.entity_level, figure.entity_code, figure."year", figure.indicator
        ) as stands
    from {{ ref("int_observation_reported") }} as figure
    where figure.chosen_in_vintage
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
    ) as reason
from {{ ref("int_series_vintage") }} as series
inner join figure
    on series.indicator = figure.indicator
    and series.entity_level = figure.entity_level
    and series.vintage = figure.vintage
group by series.indicator, series.entity_level, series.vintage, series."role", series.splice_reason
order by series.indicator, series.entity_level, series.vintage
