-- What series_vintage says of each vintage is what stands in observation, no vintage left out; what is withheld is not
-- used, and a splice has been declared.
with figure as (
    select
        indicator,
        entity_level,
        vintage,
        entity_code,
        "year",
        bool_or(chosen) as chosen
    from {{ ref("observation") }}
    where status in ('reported', 'corrected')
    group by indicator, entity_level, vintage, entity_code, "year"
),

counted as (
    select
        figure.indicator,
        figure.entity_level,
        figure.vintage,
        min(figure."year") as first_year,
        max(figure."year") as last_year,
        count(*) as figures,
        count(*) filter (where figure.chosen) as chosen,
        count(*) filter (
            where not exists (
                select 1
                from {{ ref("observation") }} as standing
                where
                    standing.chosen
                    and standing.status in ('reported', 'corrected')
                    and standing.entity_level = figure.entity_level
                    and standing.entity_code = figure.entity_code
                    and standing."year" = figure."year"
                    and standing.indicator = figure.indicator
            )
        ) as withheld
    from figure
    group by figure.indicator, figure.entity_level, figure.vintage
),

stated as (
    select
        series.*,
        declared.reason as declared_reason
    from {{ ref("series_vintage") }} as series
    left join {{ ref("stg_declared_splice") }} as declared
        on series.indicator = declared.indicator and series.vintage = declared.vintage
)

select indicator, entity_level, vintage, stated."role"
from stated
full join counted using (indicator, entity_level, vintage)
where
    stated.figures is distinct from counted.figures
    or stated.first_year is distinct from counted.first_year
    or stated.last_year is distinct from counted.last_year
    or stated.chosen is distinct from counted.chosen
    or stated.withheld is distinct from counted.withheld
    or (stated."role" = 'withheld' and counted.chosen > 0)
    or (stated."role" <> 'withheld' and counted.withheld > 0)
    or (stated."role" = 'spliced' and stated.reason is distinct from stated.declared_reason)
