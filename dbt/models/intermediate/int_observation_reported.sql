-- One row of each figure is chosen: of the vintages its series is made of, the preferred one, then the first file in
-- order of its id. A figure only other vintages have is withheld: none of its rows is chosen. Within each vintage one
-- row is chosen too: the one that would stand if that vintage were preferred. A municipality is a province and a city
-- under one code, hence the level in every partition.
-- Figures of a vintage that a splice chains are at the level of the vintage it is linked to, whether chosen or not: no
-- figure is ever compared with one at another base.
with link as (
    select distinct indicator, entity_level, entity_code, vintage, factor
    from {{ ref("series_link") }}
)

select
    figure.* replace (figure."value" * coalesce(link.factor, 1) as "value"),
    link.factor as link_factor,
    (
        series."role" <> 'withheld'
        and row_number() over (
            partition by figure.entity_level, figure.entity_code, figure."year", figure.indicator
            order by series."role" = 'withheld', {{ most_preferred_first("figure") }}
        ) = 1
    ) as chosen,
    row_number() over (
        partition by figure.entity_level, figure.entity_code, figure."year", figure.indicator, figure.vintage
        order by {{ most_preferred_first("figure") }}
    ) = 1 as chosen_in_vintage
from {{ ref("stg_observation") }} as figure
left join {{ ref("stg_source_file") }} as source_file on figure.file_id = source_file.file_id
inner join {{ ref("int_series_vintage") }} as series
    on figure.indicator = series.indicator
    and figure.entity_level = series.entity_level
    and figure.vintage = series.vintage
left join link
    on figure.indicator = link.indicator
    and figure.entity_level = link.entity_level
    and figure.entity_code = link.entity_code
    and figure.vintage = link.vintage
