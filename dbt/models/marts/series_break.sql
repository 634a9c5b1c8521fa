-- Breaks as the registry declares them, with the levels at which a chained splice carries the series over a change of
-- base: the edition at the old base ends, in an overlap year, just before the break or in its year.
with chained as (
    select link.indicator, link.entity_level, link.vintage, max(link."year") as last_overlap
    from {{ ref("series_link") }} as link
    inner join {{ ref("int_series_vintage") }} as series
        on link.indicator = series.indicator
        and link.entity_level = series.entity_level
        and link.vintage = series.vintage
        and series."role" <> 'withheld'
    group by link.indicator, link.entity_level, link.vintage
)

select
    declared.indicator,
    declared."year",
    declared.input_indicator,
    declared.kind,
    declared.levels_comparable,
    declared.description,
    declared.description_zh,
    declared.source,
    string_agg(distinct chained.entity_level, '|' order by chained.entity_level) as chained
from {{ ref("declared_break") }} as declared
left join chained
    on declared.kind = 'base_year'
    and declared.input_indicator = chained.indicator
    and chained.last_overlap in (declared."year" - 1, declared."year")
group by all
order by declared.indicator, declared."year", declared.input_indicator, declared.kind
