-- Each figure has one chosen row; none where every vintage that has the figure is withheld from its series.
select
    figure.entity_level,
    figure.entity_code,
    figure."year",
    figure.indicator,
    count(*) filter (where figure.chosen) as chosen_rows
from {{ ref("observation") }} as figure
left join {{ ref("series_vintage") }} as series
    on figure.indicator = series.indicator
    and figure.entity_level = series.entity_level
    and figure.vintage = series.vintage
group by figure.entity_level, figure.entity_code, figure."year", figure.indicator
having
    count(*) filter (where figure.chosen)
    <> case when bool_and(series."role" is not distinct from 'withheld') then 0 else 1 end
